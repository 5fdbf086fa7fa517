// A list's filters fold away on a phone, unless one of them is chosen: the list comes first.

if (matchMedia("(max-width: 40rem)").matches) {
  for (const part of document.querySelectorAll("details[data-fold]:not([data-chosen])")) part.open = false;
}
