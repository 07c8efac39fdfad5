// SPDX-License-Identifier: Apache-2.0
// The package's own mod.js imports a file that it does not ship: take the files one by one.
// @ts-types="./deadline.d.ts"
export { deadline } from "npm:deno-std@1.4.0/async/deadline.js";
// @ts-types="./delay.d.ts"
export { delay } from "npm:deno-std@1.4.0/async/delay.js";
// @ts-types="./pool.d.ts"
export { pooledMap } from "npm:deno-std@1.4.0/async/pool.js";
