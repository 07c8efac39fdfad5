// SPDX-License-Identifier: Apache-2.0
import { type Column, createStatement } from "../../contract/tables.ts";
import { settingColumns } from "../../contract/setting_columns.ts";

const column = (name: string, type: string, comment: string): Column => ({ name, type, comment });

/** The statement that creates `trials`: what is known of each trial, with its settings. */
export function trialsStatement(): string {
  return createStatement({
    name: "trials",
    columns: [
      column("trial", "VARCHAR", "name of the trial, unique in the run"),
      column(
        "trial_number",
        "BIGINT",
        "its place in run.json, from 0; the name in the tables of the raw trace",
      ),
      column(
        "identity",
        "VARCHAR",
        "digest of everything that went in: kernel, images, settings, seed",
      ),
      column("block", "BIGINT", "block of the plan the trial was run in, from 0"),
      column(
        "condition",
        "VARCHAR",
        "every other factor that varies in this run, 'guests=8, mmu=npt'; '' if none",
      ),
      ...settingColumns(),
      column("settings", "VARCHAR", "every setting, JSON text with sorted keys"),
      column("status", "VARCHAR", "'done', 'failed', or 'waiting' if the run has not come to it"),
      column("reason", "VARCHAR", "why it failed; NULL if done"),
      column("digest", "VARCHAR", "digest of the trial's records"),
      column("wall_s", "DOUBLE", "wall-clock time the trial took, s; not deterministic"),
      column(
        "instructions",
        "BIGINT",
        "executed by the emulated host from power-on to its end; NULL on hardware",
      ),
    ],
  });
}
