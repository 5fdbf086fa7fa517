// Attributes that are kept as they were written: TipTap's own reading would make the title "007" a number.

export function kept(...names) {
  return Object.fromEntries(
    names.map((name) => [name, { default: null, parseHTML: (element) => element.getAttribute(name) }]),
  );
}

/** What any element may say of its language and direction. */
export const tongue = kept("lang", "dir");
