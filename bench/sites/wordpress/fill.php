<?php
/* php fill.php STORIES: install WordPress, publish every story, and print where they are and the API's password. */
define('WP_INSTALLING', true);
require 'wp-load.php';
require 'wp-admin/includes/upgrade.php';

add_filter('pre_wp_mail', '__return_false');
wp_install('Bench', 'admin', 'admin@news.example', true, '', 'bench-bench');
wp_set_current_user(1);
wp_delete_post(1, true);
update_option('default_comment_status', 'closed');
update_option('default_ping_status', 'closed');
$wp_rewrite->set_permalink_structure('/%year%/%monthnum%/%day%/%postname%/');
$wp_rewrite->flush_rules();

wp_defer_term_counting(true);
$stories = file($argv[1]);
$people = [];
$paths = [];
foreach ($stories as $number => $line) {
    $story = json_decode($line, true);
    $by = $story['bylines'][0]['person'];
    $people[$by] ??= wp_insert_user([
        'user_login' => sanitize_title($by), 'display_name' => $by, 'role' => 'author', 'user_pass' => 'bench-bench',
    ]);
    $points = implode('', array_map(fn($point) => "<li>$point</li>", $story['key_points']));
    $blocks = preg_replace('~<p>.*?</p>~s', "<!-- wp:paragraph -->\n$0\n<!-- /wp:paragraph -->\n", $story['body_html']);
    $post = wp_insert_post([
        'post_title' => $story['headline'],
        'post_excerpt' => $story['standfirst'],
        'post_content' => "<!-- wp:list -->\n<ul>$points</ul>\n<!-- /wp:list -->\n" . $blocks,
        'post_status' => 'publish',
        'post_author' => $people[$by],
        'post_date_gmt' => $story['at'],
        'post_date' => $story['at'],
        'post_category' => array_map('wp_create_category', $story['sections']),
        'tags_input' => $story['tags'],
    ], true);
    $paths[] = wp_make_link_relative(get_permalink($post));
}
wp_defer_term_counting(false);
[$password] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'Bench']);
echo "\n", json_encode(['paths' => $paths, 'password' => $password]), "\n";
