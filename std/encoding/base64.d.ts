// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/encoding that the project uses.
export function encodeBase64(data: string | Uint8Array | ArrayBuffer): string;
export function decodeBase64(b64: string): Uint8Array<ArrayBuffer>;
