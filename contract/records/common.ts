// SPDX-License-Identifier: Apache-2.0
/** Fields that several kinds of records have. */
import { whole } from "../declaration.ts";

/** A guest by its number. */
export const guest = whole("number of the guest, from 0");

/** A guest's virtual CPU by its number. */
export const vcpu = whole("number of the guest's virtual CPU, from 0");
