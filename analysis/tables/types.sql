-- The tables of one run, as `lab query` and the questions see them.
--
-- Only trials with status 'done' have rows outside `trials`, `failures` and `logs`, so no question
-- has to remember to leave failed trials out.
--
-- Counters in the records are cumulative and snapshotted at the end of each phase. Here the
-- differences are already taken: a count belongs to its phase alone. A row of zero is left out of
-- `exits` and `faults`; it is kept in `mapped`, `cpu` and `kvm_stats`.
--
-- Times are nanoseconds of the host's CLOCK_MONOTONIC. In exact mode that clock is virtual: each
-- executed instruction takes so many ticks of it as `host` says, and idle time is skipped. Guests and
-- their virtual CPUs are numbered from 0. How large a page is stands in `host`.
--
-- The comment beside a column is also the column's comment in the database and in exported files.
-- Codes of the processor and of KVM are kept as recorded, with what they mean beside them: an exit
-- reason's name comes from `reasons`, where an unknown one has none; a fault's error code is decoded
-- bit by bit, so that no code is unknown.
--
-- This file has the types. After it come `trials` (trials.ts), the tables of records, which are made of
-- their declarations in contract/records/, macros for bits (bits.ts), and schema.sql with all others.

-- What a second-level fault wanted to do.
CREATE TYPE fault_access AS ENUM ('read', 'write', 'fetch');

-- What a thread in whose context something happened is to the trial.
CREATE TYPE task_role AS ENUM (
  'vcpu', 'vmm', 'ksmd', 'khugepaged', 'kswapd', 'kcompactd', 'other'
);

-- Why a second-level mapping changed: see docs/TRACE.md.
CREATE TYPE change_cause AS ENUM (
  'guest fault', 'merge', 'break', 'unmerge', 'split', 'collapse', 'reclaim', 'migration',
  'discard', 'unmap', 'protection', 'release', 'memory slots', 'other', 'guest table', 'shadow table'
);

-- What KVM did about a fault, where the trace says so, which is with shadow paging: gave the fault to the
-- guest, whose own page table does not allow the access; linked a shadow page table; filled in an entry;
-- found a device there; or filled in nothing: it carried the access out itself, as it does with writes to
-- page tables, or had the guest try again, as after the host copied the page.
CREATE TYPE fault_answer AS ENUM (
  'unsaid', 'guest fault', 'table', 'mapped', 'device', 'nothing'
);
