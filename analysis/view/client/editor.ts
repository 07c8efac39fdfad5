// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
/** Where the reader writes SQL: with colours, and with proposals of tables and columns. */
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, Prec } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Described } from "./database.ts";

export interface Editor {
  text(): string;
  /** Puts a text in place of what is there; the reader can take it back. */
  write(text: string): void;
  /** Puts text where the cursor is. */
  insert(text: string): void;
  /** From now on names of these are proposed. */
  propose(tables: readonly Described[]): void;
  /** Whether the reader has written something that nothing has taken the place of. */
  isTouched(): boolean;
}

/** Colours stand in view/style.css, as they depend on the page's. */
const highlighting = HighlightStyle.define([
  { tag: tags.keyword, class: "sql-keyword" },
  { tag: [tags.string, tags.special(tags.string)], class: "sql-string" },
  { tag: [tags.number, tags.bool, tags.null], class: "sql-number" },
  { tag: tags.comment, class: "sql-comment" },
  { tag: [tags.typeName, tags.standard(tags.name)], class: "sql-type" },
]);

/** @param run called when the reader asks for the answer */
export function openEditor(place: HTMLElement, run: () => void): Editor {
  const language = new Compartment();
  let touched = false;
  const view = new EditorView({
    parent: place,
    extensions: [
      Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
      lineNumbers(),
      history(),
      bracketMatching(),
      autocompletion(),
      syntaxHighlighting(highlighting),
      language.of(sql({ dialect: PostgreSQL, upperCaseKeywords: true })),
      /* No key that leaves the field is taken: it is no trap for those without a mouse. */
      keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        "aria-label": "SQL",
        "aria-describedby": "sql-help",
        "aria-keyshortcuts": "Control+Enter",
        tabindex: "0",
        spellcheck: "false",
        autocapitalize: "off",
      }),
      EditorView.updateListener.of(({ transactions }) => {
        touched ||= transactions.some((one) =>
          ["input", "delete", "move", "undo", "redo"].some((event) => one.isUserEvent(event))
        );
      }),
    ],
  });
  const replace = (from: number, to: number, insert: string) =>
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
  return {
    text: () => view.state.doc.toString(),
    write: (text) => {
      replace(0, view.state.doc.length, text);
      touched = false;
    },
    insert: (text) => {
      const { from, to } = view.state.selection.main;
      replace(from, to, text);
      touched = true;
      view.focus();
    },
    propose: (tables) => {
      const schema = Object.fromEntries(tables.map(({ name, columns }) => [
        name,
        columns.map((column) => ({
          label: column.name,
          detail: column.type.startsWith("ENUM") ? "ENUM" : column.type,
          info: column.comment,
        })),
      ]));
      const changed = sql({ dialect: PostgreSQL, upperCaseKeywords: true, schema });
      view.dispatch({ effects: language.reconfigure(changed) });
    },
    isTouched: () => touched,
  };
}
