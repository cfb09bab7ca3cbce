// What pages gain from a script; each works without it. Words come from #words.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = document.getElementById("words").dataset;
  const make = (parent, tag, className = "", text = "") =>
    parent.appendChild(Object.assign(document.createElement(tag), { className, textContent: text }));
  const button = (parent, text, press) => {
    const made = make(parent, "button", "btn btn-plain", text);
    made.type = "button";
    made.addEventListener("click", press);
    return made;
  };
  const say = (form, text) => all("[data-status]", form).forEach((status) => (status.textContent = text));
  document.documentElement.classList.add("js");

  // Menus close by Escape and by a press elsewhere.
  const open = "details.menu[open]";
  document.addEventListener("click", ({ target }) =>
    all(open).forEach((menu) => menu.contains(target) || (menu.open = false)),
  );
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    all(open).forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A button that cannot work yet says why and goes to the first thing missing.
  all('[aria-disabled="true"][data-why]').forEach((idle) => {
    const note = document.createElement("p");
    note.className = "wrong";
    note.setAttribute("role", "status");
    idle.after(note);
    idle.addEventListener("click", (event) => {
      event.preventDefault();
      note.textContent = idle.dataset.why;
      const first = idle.dataset.first && document.querySelector(idle.dataset.first);
      if (first) first.focus();
    });
  });

  // Number of letters under a text.
  all("textarea[data-count]").forEach((area) => {
    const line = make(area.parentNode, "div", "under");
    make(line, "span").dataset.kept = "";
    const count = make(line, "span");
    const tell = () => (count.textContent = `${area.value.trim().length} ${words.letters}`);
    area.addEventListener("input", tell);
    tell();
  });

  // "มี เขียนบอก" goes to its text; the word of the save button follows the claims.
  document.addEventListener("change", ({ target }) => {
    const pair = target.value === "some" && target.closest(".pair");
    if (pair) pair.querySelector("textarea").focus();
  });
  all("button[data-words]").forEach((save) => {
    const labels = JSON.parse(save.dataset.words);
    const follow = () => {
      const claim = ["complete", "as_planned", "stuck", "not_yet"].find(
        (name) => all(`[data-claim][value=${name}]:checked`, save.form).length,
      );
      if (claim) save.textContent = labels[claim];
    };
    save.form.addEventListener("change", follow);
    follow();
  });

  // "ไม่มี" for every pair nobody has touched; a second press takes it back.
  all("button[data-fill-none]").forEach((fill) => {
    const label = fill.textContent;
    let filled = [];
    fill.hidden = false;
    fill.addEventListener("click", (event) => {
      event.preventDefault();
      const undo = filled.length > 0;
      if (!undo) {
        filled = all("[data-none]", fill.form).filter((radio) => !radio.closest(".pair").querySelector(":checked"));
      }
      filled.forEach((radio) => (radio.checked = !undo));
      const names = filled.map((radio) => radio.closest("fieldset").querySelector("legend").textContent.trim());
      fill.textContent = undo || !filled.length ? label : words.undo;
      if (undo) filled = [];
      fill.form.dispatchEvent(new Event("input"));
      say(fill.form, undo ? words.undone : `${words.filled} ${names.length} ${words.items}: ${names.join(", ")}`);
    });
  });

  // A ready text goes to the clipboard; where the browser does not let us, it is marked for the person's own copy.
  all("button[data-copy]").forEach((copy) => {
    const area = document.getElementById(copy.dataset.copy);
    const tell = () => (copy.querySelector("span").textContent = copy.dataset.done);
    copy.hidden = false;
    copy.addEventListener("click", () => {
      area.select();
      if (navigator.clipboard) navigator.clipboard.writeText(area.value).then(tell, () => {});
      else if (document.execCommand("copy")) tell();
    });
  });

  // What was answered last quarter goes in at once, into what is not answered yet; without a script the link asks for
  // the page again.
  all("a[data-copy-to]").forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const area = document.getElementById(link.dataset.copyTo);
      area.value = document.getElementById(link.dataset.copyFrom).textContent;
      Object.entries(JSON.parse(link.dataset.answers)).forEach(([name, text]) => {
        const pair = document.getElementById(name).closest(".pair");
        if (pair.querySelector(":checked")) return;
        pair.querySelector(`[value=${text ? "some" : "none"}]`).checked = true;
        document.getElementById(name).value = text;
      });
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
    }),
  );

  // Drafts: kept on this device until the server has them, a month at most.
  const drafts = (store) => {
    const prefix = "draft:";
    const month = Date.now() - 30 * 864e5;
    const parse = (key) => JSON.parse(store.getItem(key));
    all("[data-draft-saved]").forEach((mark) => store.removeItem(prefix + mark.dataset.draftSaved));
    Object.keys(store).forEach((key) => key.startsWith(prefix) && parse(key).at < month && store.removeItem(key));
    all("form[data-draft]").forEach((form) => {
      const key = prefix + form.dataset.draft;
      const fields = all("input, textarea, select", form).filter(
        (field) => field.name && !["hidden", "file", "password"].includes(field.type),
      );
      const part = (field) => (["checkbox", "radio"].includes(field.type) ? "checked" : "value");
      const read = () => fields.map((field) => [field.name, field[part(field)]]);
      const put = (values) => {
        fields.forEach((field, index) => (field[part(field)] = values[index][1]));
        form.dispatchEvent(new Event("change"));
      };
      const names = (values) => values.map((value) => value[0]).join();
      const given = read();
      const draft = parse(key);
      if (draft && names(draft.values) === names(given) && `${draft.values}` !== `${given}`) {
        put(draft.values);
        const note = document.createElement("div");
        note.className = "notice look-in_progress mb-3";
        note.setAttribute("role", "status");
        make(note, "p", "", words.draft);
        button(note, words.drop, () => {
          put(given);
          store.removeItem(key);
          note.remove();
        });
        form.prepend(note);
      }
      let timer;
      const keep = () => {
        clearTimeout(timer);
        store.setItem(key, JSON.stringify({ at: Date.now(), values: read() }));
        all("[data-kept]", form).forEach((kept) => (kept.textContent = words.draftKept));
      };
      form.addEventListener("submit", keep);
      form.addEventListener("kept", () => {
        clearTimeout(timer);
        store.removeItem(key);
      });
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(keep, 400);
      });
    });
  };
  try {
    drafts(window.localStorage);
  } catch {
    // A browser that keeps nothing.
  }

  // A photograph is made small on the device: upright, without its place, and a HEIC becomes a JPEG where it opens.
  const LONGEST = 2000;
  const shrink = async (file) => {
    if (!/^image\/(jpeg|heic|heif)$/.test(file.type) && !/\.hei[cf]$/i.test(file.name)) return file;
    try {
      const opened = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(opened.width, opened.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(opened.width * scale);
      canvas.height = Math.round(opened.height * scale);
      canvas.getContext("2d").drawImage(opened, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      if (!made || (file.type === "image/jpeg" && made.size >= file.size)) return file;
      return new File([made], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
    } catch {
      return file; // a browser that cannot: the server takes it, or says what to press
    }
  };

  // Files: listed before they go, taken out again, sent with a bar.
  const sizeWords = (size) =>
    size < 1048576 ? `${Math.max(1, Math.round(size / 1024))} KB` : `${(size / 1048576).toFixed(1)} MB`;
  // What was chosen in a form that comes back with something missing: the new page runs in the window of the old one.
  const chosen = window.chosenBefore || {};
  delete window.chosenBefore;
  const show = (name) => {
    const list = document.querySelector(`[data-chosen="${name}"]`);
    const bag = new DataTransfer();
    list.replaceChildren();
    chosen[name].forEach((file, index) => {
      bag.items.add(file);
      const line = make(list, "li");
      make(line, "span", "file-kind", file.name.split(".").pop().slice(0, 4));
      make(make(line, "div", "file-name", file.name), "div", "file-meta", sizeWords(file.size));
      button(line, words.remove, () => {
        chosen[name].splice(index, 1);
        show(name);
        document.getElementById(name).focus();
      }).setAttribute("aria-label", `${words.remove} ${file.name}`);
    });
    all(`[data-files="${name}"]`).forEach((input) => (input.value = ""));
    document.getElementById(name).files = bag.files;
  };
  document.addEventListener("change", ({ target }) => {
    const name = target.dataset.files;
    if (!name) return;
    const added = [...target.files];
    chosen[name] = [...(chosen[name] || []), ...added];
    show(name);
    added.forEach((file) =>
      shrink(file).then((small) => {
        const place = chosen[name].indexOf(file);
        if (small === file || place < 0) return;
        chosen[name][place] = small;
        show(name);
      }),
    );
  });
  all("[data-chosen]").forEach((list) => chosen[list.dataset.chosen] && show(list.dataset.chosen));
  const send = (form, submitter) => {
    const data = new FormData(form, submitter);
    data.append("keeps_files", "y");
    const request = new XMLHttpRequest();
    const buttons = all("button", form).filter((each) => !each.disabled);
    const place = form.querySelector("[data-status]").parentNode;
    const bar = make(place, "progress");
    bar.max = 100;
    bar.setAttribute("aria-label", words.uploading);
    buttons.forEach((each) => (each.disabled = true));
    const cancel = button(place, words.cancel, () => request.abort());
    cancel.focus();
    say(form, words.uploading);
    const stop = (text) => {
      bar.remove();
      cancel.remove();
      buttons.forEach((each) => (each.disabled = false));
      say(form, text);
      const again = button(place, words.retry, () => {
        again.remove();
        send(form, submitter);
      });
      again.dataset.again = "";
      again.focus();
    };
    request.upload.addEventListener("progress", (step) => {
      bar.value = (100 * step.loaded) / step.total;
      const sent = [step.loaded, step.total].map((size) => (size / 1048576).toFixed(1));
      say(form, `${words.uploading} ${Math.round(bar.value)}% (${sent.join(" / ")} MB)`);
    });
    request.addEventListener("error", () => stop(words.failed));
    request.addEventListener("abort", () => stop(words.cancelled));
    request.addEventListener("load", () => {
      if (request.status >= 500 || !request.responseText) return stop(words.failed);
      history.replaceState(null, "", request.responseURL);
      if (request.status === 422) window.chosenBefore = chosen;
      document.open();
      document.write(request.responseText);
      document.close();
      scrollTo(0, 0);
    });
    request.open("POST", form.action);
    request.send(data);
  };
  all("form[data-upload]").forEach((form) =>
    form.addEventListener("submit", (event) => {
      if (!all("input[type=file]", form).some((input) => input.files.length)) return;
      event.preventDefault();
      all("[data-again]", form).forEach((again) => again.remove());
      send(form, event.submitter);
    }),
  );

  // Work under way: its part of the page is asked for again every few seconds, until it is over.
  const follow = (part) => {
    const seconds = Number(part.dataset.live);
    if (!seconds) return;
    setTimeout(async () => {
      let fresh = part;
      try {
        const answer = await fetch(location.href);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        fresh = answer.ok && document.importNode(page.getElementById(part.id), true);
        if (!fresh) return location.reload();
        // What has the focus, and what did not change, stays as it is.
        if (fresh.innerHTML === part.innerHTML || part.contains(document.activeElement)) fresh = part;
        else part.replaceWith(fresh);
      } catch {
        // The network may come back.
      }
      follow(fresh);
    }, seconds * 1000);
  };
  all("[data-live]").forEach(follow);
})();
