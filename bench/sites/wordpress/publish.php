<?php
/* Publish a story for each headline on a line of the standard input. */
require 'wp-load.php';
wp_set_current_user(1);
while (($headline = fgets(STDIN)) !== false) {
    wp_insert_post(['post_title' => trim($headline), 'post_content' => '<p>It is so.</p>', 'post_status' => 'publish']);
    echo "published\n";
}
