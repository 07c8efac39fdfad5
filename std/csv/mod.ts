// SPDX-License-Identifier: Apache-2.0
// @ts-types="./mod.d.ts"
export { parse } from "npm:deno-std@1.4.0/csv/parse.js";
