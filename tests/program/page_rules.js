// What every page keeps to, whoever looks at it: asked in a browser (test_views.py), of the page as it is
// shown now, in these colours and at this width. Its value is a list of what is wrong.
(() => {
  const wrong = [];
  const say = (what, element) =>
    wrong.push(element ? `${what}: ${element.outerHTML.slice(0, 160)}` : what);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const byId = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id));
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });

  // ---- the document ----
  const { lang } = document.documentElement;
  if (!/^(en|ru)$/.test(lang)) say(`lang is "${lang}"`);
  if (!document.title.trim()) say("no title");
  if (/user-scalable|maximum-scale/.test(document.querySelector("meta[name=viewport]")?.content ?? "user-scalable"))
    say("the viewport forbids to make it larger, or is not told");
  const outside = document.querySelector("[type=password]"); // who is not logged in has nowhere to go
  for (const landmark of ["main", "body > header", ...(outside ? [] : ["header nav"]), "body > footer"])
    if (!document.querySelector(landmark)) say(`no ${landmark}`);
  if (all("main").length > 1) say("more than one main");
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) say(`the id ${id} is there twice`);
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
    for (const element of all(`[${name}]`))
      if (byId(element.getAttribute(name)).includes(null)) say(`${name} leads nowhere`, element);
  for (const element of all('a[href^="#"]'))
    if (!document.getElementById(element.hash.slice(1))) say("leads nowhere", element);
  for (const element of all("[tabindex]")) if (element.tabIndex > 0) say("an order of its own", element);

  // ---- headings ----
  const headings = all("h1, h2, h3, h4, h5, h6").filter(shown);
  if (headings.filter((h) => h.tagName === "H1").length !== 1) say("not one h1");
  // What others wrote, and the words of a state, are as they are.
  const small = (head) => !head.querySelector("bdi, code, .state") && /^[a-zа-яё]/.test(head.textContent.trim());
  for (const head of all("th, dt")) if (small(head)) say("a head that begins with a small letter", head);
  let level = 0;
  for (const heading of headings) {
    const now = Number(heading.tagName[1]);
    if (now > level + 1) say("a level of headings is left out", heading);
    if (!heading.textContent.trim()) say("an empty heading", heading);
    if (small(heading)) say("a heading that begins with a small letter", heading);
    level = now;
  }

  // ---- names ----
  const labelled = (element) =>
    element.getAttribute("aria-label")?.trim() ||
    byId(element.getAttribute("aria-labelledby") ?? "-").map((other) => other?.textContent).join("").trim();
  const written = (element) => element.textContent.trim() || labelled(element);
  for (const field of all("input:not([type=hidden]), select, textarea, progress, meter"))
    if (!labelled(field) && ![...(field.labels ?? [])].some((label) => label.textContent.trim()))
      say("without a label", field);
  for (const element of all("a[href], button, summary, label, legend"))
    if (!written(element)) say("without a name", element);
  for (const element of all("[role=region], [role=group], [role=img], nav ~ nav"))
    if (!labelled(element) && !element.querySelector(":scope > legend, :scope > title"))
      say("without a name", element);
  for (const element of all("svg:not([aria-hidden=true])"))
    if (!labelled(element) && !element.querySelector("title")) say("a picture without words", element);
  for (const element of all("img:not([alt])")) say("a picture without words", element);
  for (const element of all("fieldset")) if (!element.querySelector(":scope > legend")) say("without a legend", element);
  for (const element of all("[aria-hidden=true]"))
    if (element.querySelector("a, button, input")) say("hidden, yet one can come there by keys", element);

  // ---- tables and lists ----
  for (const table of all("table")) {
    const columns = table.tHead ? table.tHead.rows[0].cells.length : 0;
    if (!table.querySelector("th")) say("a table without headers", table);
    for (const header of table.querySelectorAll("th")) {
      if (!/^(col|row)$/.test(header.scope)) say("of what is it the header", header);
      if (!written(header)) say("an empty header", header);
    }
    for (const row of columns ? table.querySelectorAll("tbody tr") : [])
      if ([...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0) !== columns) say("cells and columns", row);
  }
  for (const list of all("ul, ol")) if ([...list.children].some((one) => one.tagName !== "LI")) say("no item", list);
  for (const term of all("dt, dd")) if (!term.closest("dl")) say("in no list", term);

  // ---- colours ----
  // Any colour that a style can tell, as red, green, blue and how much of it is there.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const kept = new Map();
  const colour = (text) => {
    if (!kept.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      kept.set(text, [r, g, b, a / 255]);
    }
    return kept.get(text);
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(colour(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), colour("Canvas"));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const fade = (element) => {
    let whole = 1;
    for (let one = element; one; one = one.parentElement) whole *= Number(getComputedStyle(one).opacity);
    return whole;
  };
  const check = (element, style, what) => {
    const ground = behind(element);
    const [r, g, b, a] = colour(style.color);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = contrast(over([r, g, b, a * fade(element)], ground), ground);
    if (found < (large ? 3 : 4.5)) say(`${what} has a contrast of ${found.toFixed(2)}`, element);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const holders = new Set();
  while (texts.nextNode()) if (texts.currentNode.data.trim()) holders.add(texts.currentNode.parentElement);
  for (const element of holders)
    if (shown(element) && !element.closest("[disabled], svg, script, style")) check(element, getComputedStyle(element), "text");
  for (const field of all("[placeholder]")) check(field, getComputedStyle(field, "::placeholder"), "the hint");
  for (const element of all("svg text")) {
    const ground = behind(element.closest("svg").parentElement);
    const found = contrast(colour(getComputedStyle(element).fill), ground);
    if (found < 4.5) say(`text has a contrast of ${found.toFixed(2)}`, element);
  }

  // ---- width ----
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide)
    say(`the page is ${document.documentElement.scrollWidth} wide, the window ${wide}`);
  const scrolls = (element) => {
    for (let one = element.parentElement; one; one = one.parentElement)
      if (/auto|scroll|hidden/.test(getComputedStyle(one).overflowX)) return one;
    return null;
  };
  for (const element of all("body *")) {
    const box = element.getBoundingClientRect();
    if (box.width && box.right > wide + 1 && shown(element) && !scrolls(element)) say(`ends at ${Math.round(box.right)} of ${wide}`, element);
    if (/auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth && element.tabIndex < 0)
      say("only the pointer can move it", element);
    if (getComputedStyle(element).textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth + 1 && shown(element))
      say("a figure is cut", element);
  }
  for (const element of all("button, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, summary, nav a"))
    if (shown(element) && element.getBoundingClientRect().height < 24) say("too low for a finger", element);

  // ---- a phone ----
  if (wide <= 400) {
    for (const box of all(".wide")) if (shown(box) && box.scrollWidth > box.clientWidth) say("a table is moved sideways", box);
    if (new Set(all("nav a").map((link) => link.offsetTop)).size > 2) say("the menu takes more than two rows");
    for (const cell of all(".cards td"))
      if (shown(cell) && !/^".+"$/.test(getComputedStyle(cell, "::before").content)) say("what is in this cell", cell);
  }
  return wrong;
})();
