// What moves on the pages: live figures, whose pictures were painted before, and search.
"use strict";

// ---- live figures ----------------------------------------------------------------

// Pictures within so many positions are fetched first.
const NEAR = 5;

// A click as in `clicks` of lif_figures.py.
const SAMPLES_PER_MS = 8;
let loudspeaker = null, sound = null;

// Let spikes be heard, each as a click; their times are tenths of a millisecond.
function click(spikes) {
  loudspeaker ??= new AudioContext();
  const samples = spikes.map((time) => Math.round((time / 10) * SAMPLES_PER_MS));
  const length = Math.max(...samples) + 20 * SAMPLES_PER_MS;
  const buffer = loudspeaker.createBuffer(1, length, 1000 * SAMPLES_PER_MS);
  const wave = buffer.getChannelData(0);
  for (const sample of samples)
    for (let k = 0; k < 24; k += 1)
      wave[sample + k] += Math.sin(1.2 * k) * Math.exp(-k / 6) / 1.5;
  sound = loudspeaker.createBufferSource();
  sound.buffer = buffer;
  sound.connect(loudspeaker.destination);
  sound.start();
}

function hush() {
  sound?.stop();
  sound = null;
}

class LiveFigure {
  constructor(element) {
    this.element = element;
    this.about = JSON.parse(element.querySelector("script").textContent);
    this.controls = [...element.querySelectorAll("[data-slider]")];
    this.start = element.querySelector(".picture img");
    this.words = this.start.alt;
    this.pictures = new Map();
    this.wanted = null;
    for (const control of this.controls) {
      const event = control.tagName === "BUTTON" ? "click" : "input";
      control.addEventListener(event, () => this.move(control));
    }
    element.querySelector(".reset").addEventListener("click", () => this.reset());
    element.querySelector(".play")?.addEventListener("click", () => this.play());
    this.ear = element.querySelector(".listen");
    this.ear?.addEventListener("click", () => { hush(); click(this.spikes); });
    this.plays = 0;
    this.reset();
  }

  // The picture of a slider at a position; it is fetched when it is asked for first.
  picture(slider, position) {
    const name = `${slider}-${position}.webp`;
    if (!this.pictures.has(name)) {
      const image = new Image(this.start.width, this.start.height);
      image.alt = ""; // its words are those of the picture on which it lies
      image.src = `${this.element.dataset.folder}/${name}`;
      this.pictures.set(name, image);
    }
    return this.pictures.get(name);
  }

  // Fetch all pictures, the nearest to the start first.
  async load() {
    const all = this.about.sliders.flatMap(({ start, words }, slider) =>
      words.map((_, position) => ({
        slider, position, way: Math.abs(position - start),
      }))
    ).filter(({ way }) => way > 0);
    all.sort((one, other) => one.way - other.way);
    for (let k = 0; k < all.length; k += NEAR) {
      const some = all.slice(k, k + NEAR);
      const loaded = some.map(({ slider, position }) =>
        this.picture(slider, position).decode().catch(() => {}));
      await Promise.all(loaded);
    }
  }

  move(control) {
    const slider = Number(control.dataset.slider);
    const { start, words, lines, spikes, before } = this.about.sliders[slider];
    if (control.tagName === "BUTTON")
      control.value = (Number(control.value) + 1) % words.length;
    for (const other of this.controls)
      if (other !== control) this.set(other, this.about.sliders[other.dataset.slider].start);
    const position = Number(control.value);
    this.set(control, position);
    const moved = position !== start;
    const picture = moved ? this.picture(slider, position) : null;
    this.show(picture, lines[position], spikes[position], moved ? before : "");
  }

  reset() {
    for (const control of this.controls)
      this.set(control, this.about.sliders[control.dataset.slider].start);
    this.show(null, this.about.line, this.about.spikes, "");
  }

  // The setting at the start in slow motion. A browser plays a moving picture once,
  // and again where it has another address.
  play() {
    this.reset();
    const film = new Image(this.start.width, this.start.height);
    film.alt = "";
    this.plays += 1;
    film.src = `${this.element.dataset.folder}/play.png?${this.plays}`;
    this.show(film, this.about.line, this.about.spikes, "");
  }

  set(control, position) {
    control.value = position;
    const words = this.about.sliders[control.dataset.slider].words[position];
    if (control.type === "range") {
      control.setAttribute("aria-valuetext", words);
      control.previousElementSibling.querySelector(".value").textContent = words;
    }
  }

  // Picture and numbers of one setting, at the same moment.
  async show(picture, line, spikes, before) {
    this.wanted = picture;
    if (picture) {
      // One that cannot be had leaves the last one, with its numbers.
      try { await picture.decode(); } catch { return; }
      if (this.wanted !== picture) return; // the slider has moved on
    }
    hush();
    this.spikes = spikes;
    if (this.ear) this.ear.style.visibility = spikes.length ? "visible" : "hidden";
    this.element.querySelector(".numbers").textContent = line;
    this.element.querySelector(".before").textContent = before;
    this.start.alt = line === this.about.line ? this.words : `Live figure. ${line}`;
    this.start.parentElement.replaceChildren(this.start, ...(picture ? [picture] : []));
  }
}

const inView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries)
    if (isIntersecting) {
      inView.unobserve(target);
      target.live.load();
    }
});
for (const element of document.querySelectorAll("figure.live")) {
  element.live = new LiveFigure(element);
  inView.observe(element);
}

// ---- contents: open beside the text, closed above it ------------------------------

document.querySelector(".contents details").open = matchMedia("(min-width: 64em)").matches;

// ---- search ----------------------------------------------------------------------

const field = document.querySelector("#search");
const list = document.querySelector(".found");
const told = document.querySelector(".search [role=status]");
let sections = null;

// Called by search.js, which is fetched when somebody begins to search.
function foundIn(entries) {
  sections = entries;
  search();
}

// Sections that hold all words, those with one in the heading first, and before them
// the glossary's entry of just these words.
function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter((word) => word);
  const found = [];
  for (const [page, anchor, title, text] of words.length ? sections : []) {
    const heading = title.toLowerCase(), all = `${heading} ${text.toLowerCase()}`;
    if (words.every((word) => all.includes(word)))
      found.push({
        page, anchor, title, text,
        first: heading.endsWith(`: ${words.join(" ")}`) + words.some((w) => heading.includes(w)),
      });
  }
  found.sort((one, other) => other.first - one.first);
  list.replaceChildren(...found.slice(0, 12).map(({ page, anchor, title, text }) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = page + (anchor && `#${anchor}`);
    link.textContent = title;
    const around = document.createElement("p");
    around.textContent = excerpt(text, text.toLowerCase().indexOf(words[0]));
    item.append(link, around);
    return item;
  }));
  told.textContent = words.length ? `${found.length} found` : "";
}

// Whole words round a place in a text.
function excerpt(text, place) {
  const begin = place > 40 ? text.indexOf(" ", place - 40) + 1 : 0;
  const end = text.length > begin + 120 ? text.lastIndexOf(" ", begin + 120) : text.length;
  return `${begin ? "… " : ""}${text.slice(begin, end)}${end < text.length ? " …" : ""}`;
}

field.addEventListener("focus", () => {
  const script = document.createElement("script");
  script.src = "search.js";
  document.head.append(script);
}, { once: true });
field.addEventListener("input", () => sections && search());
field.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  field.value = "";
  search();
});
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  list.querySelector("a")?.click();
});
