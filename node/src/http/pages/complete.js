// Completes what is typed in a search box. The page works without: this only offers a list, after the pattern of an
// editable combobox with list autocompletion (WAI-ARIA Authoring Practices).
(() => {
  "use strict";
  const PAUSE = 120; // milliseconds of silence before the node is asked
  const LEAST = 2; // characters

  const attach = (form, number) => {
    const input = form.querySelector("input[type=search]");
    if (!input || !window.fetch || !window.AbortController) return;
    const list = document.createElement("ul");
    const said = document.createElement("p");
    list.id = "completions-" + number;
    list.className = "completions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", form.dataset.label);
    said.className = "hidden";
    said.setAttribute("role", "status");
    form.append(list, said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-haspopup", "listbox");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    input.autocomplete = "off";

    let timer = 0;
    let asking = null;
    let chosen = -1;

    const close = () => {
      clearTimeout(timer);
      if (asking) asking.abort();
      asking = null;
      chosen = -1;
      list.hidden = true;
      list.replaceChildren();
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      said.textContent = "";
    };

    const choose = (at) => {
      const all = list.children;
      if (chosen >= 0) all[chosen].setAttribute("aria-selected", "false");
      chosen = at;
      if (at < 0) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      all[at].setAttribute("aria-selected", "true");
      all[at].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", all[at].id);
    };

    const take = (option) => {
      if (option.dataset.kind === "word") {
        input.value = option.dataset.text;
        close();
        form.requestSubmit();
        return;
      }
      const there = new URL(option.dataset.url, location.href);
      if (there.origin !== location.origin) return;
      // Who chose a language in this page's address keeps it.
      const lang = new URL(location.href).searchParams.get("lang");
      if (lang) there.searchParams.set("lang", lang);
      close();
      location.assign(there.href);
    };

    const show = (found) => {
      list.replaceChildren();
      chosen = -1;
      found.forEach((one, at) => {
        const option = document.createElement("li");
        const text = document.createElement("bdi");
        option.id = list.id + "-" + at;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.kind = one.kind;
        option.dataset.text = one.text;
        option.dataset.url = one.url;
        text.textContent = one.text;
        if (one.language) text.lang = one.language;
        option.append(text);
        const kind = form.dataset[one.kind];
        if (kind) {
          const note = document.createElement("span");
          note.className = "quiet";
          note.textContent = " " + kind;
          option.append(note);
        }
        // Not the click: the box would lose the focus, and the list close, before it.
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(option);
        });
        list.append(option);
      });
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
      input.removeAttribute("aria-activedescendant");
      said.textContent = found.length > 0 ? (form.dataset.found || "").replace("#", String(found.length)) : "";
    };

    const ask = async () => {
      const text = input.value;
      if (asking) asking.abort();
      const mine = new AbortController();
      asking = mine;
      try {
        const query = new URLSearchParams({ q: text, lang: document.documentElement.lang });
        const answer = await fetch("/api/v1/complete?" + query, { signal: mine.signal, credentials: "omit" });
        const found = answer.ok ? (await answer.json()).completions : [];
        if (asking === mine && document.activeElement === input && input.value === text) show(found);
      } catch {
        // Without an answer there is no list: the box is still a box.
        if (asking === mine) close();
      }
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      if (input.value.trim().length < LEAST) {
        close();
      } else {
        timer = setTimeout(ask, PAUSE);
      }
    });
    input.addEventListener("keydown", (event) => {
      const count = list.children.length;
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "ArrowDown" && list.hidden && input.value.trim().length >= LEAST) {
        event.preventDefault();
        ask();
      } else if (event.key === "ArrowDown" && count > 0) {
        event.preventDefault();
        choose(chosen + 1 === count ? -1 : chosen + 1);
      } else if (event.key === "ArrowUp" && count > 0) {
        event.preventDefault();
        choose(chosen < 0 ? count - 1 : chosen - 1);
      } else if (event.key === "Enter" && chosen >= 0) {
        event.preventDefault();
        take(list.children[chosen]);
      } else if (event.key === "Tab") {
        close();
      }
    });
    input.addEventListener("blur", close);
  };

  document.querySelectorAll("form[data-complete]").forEach(attach);
})();
