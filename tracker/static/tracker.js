// What pages gain from a script; every page works without it. Words come from #words, in the reader's language.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = document.getElementById("words").dataset;
  const say = (form, text) => {
    const status = form && form.querySelector("[data-status]");
    if (status) status.textContent = text;
  };
  document.documentElement.classList.add("js");

  // Menus close by Escape and by a press elsewhere.
  const close = (keep) => all("details.menu[open]").forEach((menu) => menu !== keep && (menu.open = false));
  document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) {
      close();
      menu.querySelector("summary").focus();
    }
  });

  // A button that cannot work yet says why and goes to the first thing missing.
  document.addEventListener("click", (event) => {
    const button = event.target.closest('[aria-disabled="true"][data-why]');
    if (!button) return;
    event.preventDefault();
    let note = button.parentNode.querySelector("[data-note]");
    if (!note) {
      note = document.createElement("p");
      note.dataset.note = "";
      note.className = "wrong";
      note.setAttribute("role", "status");
      button.after(note);
    }
    note.textContent = button.dataset.why;
    const first = button.dataset.first && document.querySelector(button.dataset.first);
    if (first) first.focus();
  });

  // Number of letters under a text.
  all("textarea[data-count]").forEach((area) => {
    const line = area.parentNode.appendChild(document.createElement("div"));
    line.className = "under";
    const kept = line.appendChild(document.createElement("span"));
    kept.dataset.kept = "";
    const count = line.appendChild(document.createElement("span"));
    const tell = () => (count.textContent = `${area.value.trim().length} ${words.letters}`);
    area.addEventListener("input", tell);
    tell();
  });

  // "มี เขียนบอก" opens its text and goes there; the word of the save button follows the claims.
  document.addEventListener("change", (event) => {
    const pair = event.target.closest(".pair");
    if (pair && event.target.value === "some") pair.querySelector("textarea").focus();
  });
  all("button[data-words]").forEach((button) => {
    const labels = JSON.parse(button.dataset.words);
    const follow = () => {
      const chosen = all("[data-claim]:checked", button.form).map((radio) => radio.value);
      const claim = Object.keys(labels).find((name) => chosen.includes(name));
      if (claim) button.textContent = labels[claim];
    };
    button.form.addEventListener("change", follow);
    follow();
  });

  // "ไม่มี" for every pair nobody has touched; a second press takes it back.
  all("button[data-fill-none]").forEach((button) => {
    let filled = [];
    button.hidden = false;
    button.addEventListener("click", () => {
      const undo = filled.length > 0;
      if (!undo) {
        filled = all("[data-none]", button.form).filter((radio) => !all(":checked", radio.closest(".pair")).length);
      }
      filled.forEach((radio) => (radio.checked = !undo));
      say(button.form, undo ? words.undone : `${words.filled} ${filled.length} ${words.items}`);
      if (undo) filled = [];
      button.form.dispatchEvent(new Event("input"));
    });
  });

  // Drafts: kept on this device until the server has them.
  const prefix = "draft:";
  const store = (() => {
    try {
      return window.localStorage;
    } catch {
      return null;
    }
  })();
  if (store) {
    all("[data-draft-saved]").forEach((mark) => store.removeItem(prefix + mark.dataset.draftSaved));
    const month = Date.now() - 30 * 864e5;
    Object.keys(store)
      .filter((key) => key.startsWith(prefix) && !(JSON.parse(store[key]).at > month))
      .forEach((key) => store.removeItem(key));
    all("form[data-draft]").forEach((form) => {
      const key = prefix + form.dataset.draft;
      const fields = () =>
        all("input, textarea, select", form).filter(
          (field) => field.name && !["hidden", "file", "password", "submit"].includes(field.type),
        );
      const box = (field) => ["checkbox", "radio"].includes(field.type);
      const name = (field) => (box(field) ? `${field.name}=${field.value}` : field.name);
      const read = () => Object.fromEntries(fields().map((field) => [name(field), box(field) ? field.checked : field.value]));
      const put = (values) =>
        fields().forEach((field) => {
          const value = values[name(field)];
          if (value !== undefined) field[box(field) ? "checked" : "value"] = value;
        });
      const given = read();
      const draft = JSON.parse(store.getItem(key) || "null");
      if (draft && JSON.stringify(draft.values) !== JSON.stringify(given)) {
        put(draft.values);
        const note = document.createElement("div");
        note.className = "notice look-in_progress mb-3";
        note.setAttribute("role", "status");
        const text = note.appendChild(document.createElement("p"));
        text.textContent = words.draft;
        const drop = note.appendChild(document.createElement("button"));
        drop.type = "button";
        drop.className = "btn btn-plain";
        drop.textContent = words.drop;
        drop.addEventListener("click", () => {
          put(given);
          store.removeItem(key);
          note.remove();
          form.dispatchEvent(new Event("change"));
        });
        form.prepend(note);
        form.dispatchEvent(new Event("change"));
      }
      let timer;
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          store.setItem(key, JSON.stringify({ at: Date.now(), values: read() }));
          all("[data-kept]", form).forEach((kept) => (kept.textContent = words.draftKept));
        }, 400);
      });
    });
  }

  // Files: listed before they go, taken out again, sent with a bar.
  const chosen = {};
  const show = (list, input) => {
    list.replaceChildren(
      ...chosen[input.name].map((file, index) => {
        const line = document.createElement("li");
        const mark = line.appendChild(document.createElement("span"));
        mark.className = "file-kind";
        mark.textContent = file.name.split(".").pop().slice(0, 4);
        const about = line.appendChild(document.createElement("div"));
        about.className = "file-name";
        about.textContent = file.name;
        const size = about.appendChild(document.createElement("div"));
        size.className = "file-meta";
        size.textContent = `${(file.size / 1048576).toFixed(1)} MB`;
        const remove = line.appendChild(document.createElement("button"));
        remove.type = "button";
        remove.className = "btn btn-quiet";
        remove.textContent = words.remove;
        remove.setAttribute("aria-label", `${words.remove} ${file.name}`);
        remove.addEventListener("click", () => {
          chosen[input.name].splice(index, 1);
          show(list, input);
          input.focus();
        });
        return line;
      }),
    );
    const bag = new DataTransfer();
    chosen[input.name].forEach((file) => bag.items.add(file));
    all(`input[data-files="${input.name}"]`).forEach((other) => (other.value = ""));
    input.files = bag.files;
  };
  document.addEventListener("change", ({ target }) => {
    if (!target.dataset || !target.dataset.files) return;
    chosen[target.name] = [...(chosen[target.name] || []), ...target.files];
    show(document.querySelector(`[data-chosen="${target.name}"]`), document.getElementById(target.name));
  });
  all("form[data-upload]").forEach((form) =>
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.hasAttribute("formaction")) return;
      if (!all("input[type=file]", form).some((input) => input.files.length)) return;
      event.preventDefault();
      const request = new XMLHttpRequest();
      const bar = document.createElement("progress");
      const status = form.querySelector("[data-status]");
      const buttons = all("button", form);
      const stop = () => {
        bar.remove();
        buttons.forEach((button) => (button.disabled = false));
        say(form, words.failed);
      };
      const data = new FormData(form, event.submitter);
      buttons.forEach((button) => (button.disabled = true));
      say(form, words.uploading);
      status.after(bar);
      bar.max = 100;
      bar.setAttribute("aria-label", words.uploading);
      request.upload.addEventListener("progress", (step) => {
        bar.value = (100 * step.loaded) / step.total;
        say(form, `${words.uploading} ${Math.round(bar.value)}%`);
      });
      request.addEventListener("error", stop);
      request.addEventListener("load", () => {
        if (request.status >= 500 || !request.responseText) return stop();
        history.replaceState(null, "", request.responseURL);
        document.open();
        document.write(request.responseText);
        document.close();
        scrollTo(0, 0);
      });
      request.open("POST", form.action);
      request.send(data);
    }),
  );
})();
