// The form of a follow-up round: one row open at a time, what is missing counted, what is typed saved row by row.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("form[data-lines]");
  const rows = all("tr[data-line]", form);
  if (!rows.length) return;
  const words = form.dataset;
  const make = (parent, tag, className, text = "") =>
    parent.appendChild(Object.assign(document.createElement(tag), { className, textContent: text }));
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const field = (row, name) => form.elements[`${name}-${row.dataset.line}`];
  const answer = (row, name) => form.elements[`${name}-${row.dataset.line}_answer`].value;

  // What a row says, in words.
  const completion = (row) => field(row, "completion").value;
  const written = (row, name) =>
    answer(row, name) === "none" ? words.none : answer(row, name) ? field(row, name).value.trim() : "";
  const texts = {
    result: (row) => field(row, "result").value.trim(),
    outcome: (row) => field(row, "outcome").value.trim(),
    problems: (row) => written(row, "problems"),
    suggestions: (row) => written(row, "suggestions"),
  };
  const done = (row) =>
    completion(row) !== "" && texts.result(row) !== "" && texts.problems(row) !== "" && texts.suggestions(row) !== "";
  const closed = (row) => row.classList.contains("closed");

  const read = (row) => {
    all("[data-read]", row).forEach((place) => {
      const name = place.dataset.read;
      place.replaceChildren();
      if (name !== "completion") {
        const text = texts[name](row);
        place.textContent = text || "–";
        const cell = place.closest("td");
        cell.toggleAttribute("data-empty", !text && !cell.querySelector(".line-files"));
        return;
      }
      const chosen = all(`[name="completion-${row.dataset.line}"]`, row).find((radio) => radio.checked);
      if (!chosen) return void make(place, "span", "badge-look look-due_soon", words.unanswered);
      const full = { none: 0, partly: 2, nearly: 3, full: 4 }[chosen.value];
      const bar = make(place, "span", `scale-bar${full < 3 ? " short-of" : ""}`);
      bar.setAttribute("aria-hidden", "true");
      for (let part = 0; part < 4; part += 1) make(bar, "i", part < full ? "full" : "");
      place.append(chosen.parentNode.textContent.trim());
    });
    const told = row.querySelector("[data-told]");
    const same = !told || told.dataset.told.trim() === texts.result(row);
    if (told) told.hidden = same;
    const source = row.querySelector("[data-source]");
    if (source) source.hidden = !told || !same;
    row.classList.toggle("row-now", !closed(row));
    row.classList.toggle("row-wanting", closed(row) && !done(row));
    row.querySelector("[data-open]").hidden = !closed(row);
  };

  // What is missing, at the bottom and at the top; only a complete form has a solid button that sends.
  const bar = form.querySelector(".save-bar-inner");
  const status = bar.querySelector("[data-status]");
  const missing = document.createElement("p");
  missing.className = "grow";
  missing.textContent = status.textContent;
  status.textContent = "";
  status.classList.remove("grow");
  status.before(missing);
  const next = bar.querySelector("[data-next]");
  const send = bar.querySelector("button.btn-big");
  const confirm = form.elements.confirm;
  const unconfirmed = () => Boolean(confirm) && !confirm.checked;
  const count = () => {
    const lacking = rows.filter((row) => !done(row));
    const told = [];
    if (lacking.length) {
      const list = lacking.map((row) => row.dataset.number).join(", ");
      told.push(fill(words.missing, { number: lacking.length, list }));
    }
    if (unconfirmed()) told.push(words.unconfirmed);
    const text = told.join(" · ") || words.all;
    if (missing.textContent !== text) missing.textContent = text;
    const whole = !told.length;
    next.hidden = !lacking.length;
    send.classList.toggle("btn-go", whole);
    send.classList.toggle("btn-plain", !whole);
    send.setAttribute("aria-disabled", String(!whole));
    const total = Number(words.total);
    const settled = total - lacking.length - (unconfirmed() ? Number(words.confirming) : 0);
    const answered = document.querySelector("[data-answered]");
    answered.textContent = fill(answered.dataset.answered, { done: settled, total });
    answered.closest(".page-head").querySelector("progress").value = settled;
  };

  // What is typed goes to the server when its row is left; the device keeps it until then.
  const state = document.querySelector("[data-save-state]");
  let dirty = false;
  let sending = false;
  const key = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).slice(0, 22);
  const unsaved = (text) => {
    state.textContent = text;
    const again = make(state, "button", "btn btn-link tap", words.retry);
    again.type = "button";
    again.addEventListener("click", save);
  };
  const save = async () => {
    if (words.keeps === undefined || !dirty || sending) return;
    sending = true;
    dirty = false;
    state.textContent = words.saving;
    const data = new FormData(form);
    all("input[type=file]", form).forEach((input) => data.delete(input.name));
    if (data.has("press")) data.set("press", key().replace(/\+/g, "-").replace(/\//g, "_"));
    data.set("draft", "1");
    data.set("quiet", "1");
    try {
      const told = await (await fetch(form.action, { method: "POST", body: data, redirect: "error" })).json();
      if (told.contested) {
        state.textContent = words.clash;
      } else {
        state.textContent = told.at;
        Object.entries(told.seen).forEach(([line, seals]) => {
          const seen = form.elements[`seen-${line}`];
          if (seen) seen.value = seals;
        });
        if (!dirty) form.dispatchEvent(new Event("kept"));
      }
    } catch {
      dirty = true;
      unsaved(words.unsaved);
    }
    sending = false;
  };

  const open = (row, focus = true) => {
    rows.filter((other) => other !== row && !closed(other)).forEach((other) => close(other));
    row.classList.remove("closed");
    read(row);
    if (!focus) return;
    const radios = all(`[name="completion-${row.dataset.line}"]`, row);
    (radios.find((radio) => radio.checked) || radios[0]).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const close = (row) => {
    row.classList.add("closed");
    read(row);
    save();
  };
  const onward = (row) => {
    const after = row ? rows.slice(rows.indexOf(row) + 1) : [];
    const aim = [...after, ...rows].find((other) => other !== row && !done(other)) || after[0];
    if (aim) return open(aim);
    if (row) close(row);
    (unconfirmed() ? confirm : send).focus();
  };

  rows.forEach((row) => {
    row.querySelector("[data-open]").addEventListener("click", () => open(row));
    row.addEventListener("click", ({ target }) => {
      if (closed(row) && !target.closest("a, button")) open(row);
    });
    row.addEventListener("keydown", (event) => {
      if (closed(row)) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        onward(row);
      } else if (event.key === "Escape") {
        close(row);
        row.querySelector("[data-open]").focus();
      }
    });
    const told = row.querySelector("[data-told]");
    if (told) {
      told.addEventListener("click", (event) => {
        event.preventDefault();
        const area = field(row, "result");
        area.value = told.dataset.told;
        area.dispatchEvent(new Event("input", { bubbles: true }));
        area.focus();
      });
    }
  });
  next.addEventListener("click", () => onward(rows.find((row) => !closed(row))));
  send.addEventListener("click", (event) => {
    if (send.getAttribute("aria-disabled") !== "true") return;
    event.preventDefault();
    const first = rows.find((row) => !done(row));
    if (first) open(first);
    else confirm.focus();
    status.textContent = missing.textContent;
  });
  const follow = ({ target }) => {
    dirty = true;
    const row = target.closest && target.closest("tr[data-line]");
    (row ? [row] : rows).forEach(read);
    count();
  };
  form.addEventListener("input", follow);
  form.addEventListener("change", follow);

  // A line that has something to mend or to compare opens first, else the first that nobody has answered.
  const mend = rows.filter((row) => row.querySelector(".wrong, .newer"));
  const first = mend.length ? mend : rows.filter((row) => !done(row)).slice(0, 1);
  rows.filter((row) => !first.includes(row)).forEach((row) => row.classList.add("closed"));
  rows.forEach(read);
  count();
})();
