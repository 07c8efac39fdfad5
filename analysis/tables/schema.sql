-- The tables of one run, as `lab query` and the questions see them.
--
-- Only trials with status 'done' have rows outside `trials`, `failures` and `logs`, so no question
-- has to remember to leave failed trials out.
--
-- Counters in the records are cumulative and snapshotted at the end of each phase. Here the
-- differences are already taken: a count belongs to its phase alone. A row of zero is left out of
-- `exits` and `faults`; it is kept in `mapped`, `cpu` and `kvm_stats`.
--
-- Times are nanoseconds of the host's CLOCK_MONOTONIC. In exact mode that clock is virtual: one
-- executed instruction is 8 ns and idle time is skipped, so 1 s is 125 million instructions.
-- Guests are numbered from 0. A page is 4 KiB.
--
-- The comment beside a column is also the column's comment in the database and in exported files.
-- Codes of the processor and of KVM are kept as recorded, with what they mean beside them: an exit
-- reason's name comes from `reasons`, where an unknown one has none; a fault's error code is decoded
-- bit by bit, so that no code is unknown.

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

CREATE TABLE trials (
  trial VARCHAR,              -- name of the trial, unique in the run
  trial_number BIGINT,        -- its place in run.json, from 0; the name in the tables of the raw trace
  identity VARCHAR,           -- digest of everything that went in: kernel, images, settings, seed
  block BIGINT,               -- block of the plan the trial was run in, from 0
  workload VARCHAR,           -- what the guests do
  arm VARCHAR,                -- 'stock' unpatched kernel, 'off' patched with knob 0, 'on' with knob 1
  seed BIGINT,                -- seed of the trial; trials of equal seed are compared in pairs
  condition VARCHAR,          -- every other factor that varies in this run, 'guests=8, mmu=npt'; '' if none
  guests BIGINT,              -- number of guests
  guest_memory_mib BIGINT,    -- memory of each guest, MiB
  mmu VARCHAR,                -- second-level translation: 'npt', 'ept' or 'shadow'
  thp VARCHAR,                -- transparent huge pages of the host: 'never', 'madvise', 'always'
  kernel VARCHAR,             -- kernel line of the host, '6.1'
  aslr BOOLEAN,               -- address space layout randomization in the guests
  host_memory_mib BIGINT,     -- memory of the host, MiB; 0: as much as it needs
  swap_mib BIGINT,            -- swap on a RAM disk beside it, MiB
  carrier VARCHAR,            -- what the workload ran as: 'vm' guests; plain processes 'madvise', 'prctl', 'mapping'
  guest_kernel VARCHAR,       -- kernel of the guests: a line of the lab's own, or Debian's 'debian-6.1'; joined by + if they have them in turn
  pages_to_scan BIGINT,       -- KSM: pages looked at before each sleep
  sleep_millisecs BIGINT,     -- KSM: length of that sleep, ms
  ksm BOOLEAN,                -- whether KSM merged at all
  smart_scan VARCHAR,         -- KSM: passing over pages that did not merge: 'default' as the kernel has it, 'off', 'on'
  advisor_mode VARCHAR,       -- KSM: who sets pages_to_scan: 'default' as the kernel has it, 'none', 'scan-time'
  use_zero_pages BOOLEAN,     -- KSM: whether empty pages become the zero page
  max_page_sharing BIGINT,    -- KSM: most mappings of one merged page
  touch_rounds BIGINT,        -- times the working set is read again after merging
  rewrite_permille BIGINT,    -- share of the writable pages that `rewrite` changes, per mille
  live BOOLEAN,               -- whether KSM goes on scanning after `merge`
  observe VARCHAR,            -- what the lab looked at: 'counters' all, 'least' only what is counted anyway, 'costs' all and what the host pays, 'trace' all and each event
  settings VARCHAR,           -- every setting, JSON text with sorted keys
  status VARCHAR,             -- 'done', 'failed', or 'waiting' if the run has not come to it
  reason VARCHAR,             -- why it failed; NULL if done
  digest VARCHAR,             -- digest of the trial's records
  wall_s DOUBLE,              -- wall-clock time the trial took, s; not deterministic
  instructions BIGINT         -- executed by the emulated host from power-on to its end; NULL on hardware
);

CREATE TABLE phases (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- 'boot', 'load', 'settle', 'merge', 'touch', 'rewrite', ..., 'end'
  ordinal BIGINT,             -- position in the trial, from 0
  begin_ns BIGINT,            -- when it began, ns
  end_ns BIGINT,              -- when it ended, ns
  duration_ns BIGINT,         -- end_ns - begin_ns
  wall_s DOUBLE               -- wall-clock time, s; not deterministic; NULL if not recorded
);

CREATE TABLE exits (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  guest BIGINT,               -- number of the guest, from 0
  reason_code BIGINT,         -- the processor's exit code as recorded (SVM: 0x400 is a nested page fault)
  reason VARCHAR,             -- its name in `reasons`; NULL if there is none
  count BIGINT                -- vmexits in this phase
);

CREATE TABLE faults (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  guest BIGINT,               -- number of the guest, from 0
  error_code BIGINT,          -- KVM's page fault error code as recorded
  access fault_access,        -- 'fetch' (bit 4), else 'write' (bit 1), else 'read'
  present BOOLEAN,            -- bit 0: a mapping was there, but did not allow the access
  guest_walk BOOLEAN,         -- bit 33: raised by the walk of the guest's own page table
  mmio BOOLEAN,               -- bit 3: a mapping that KVM made invalid on purpose, to see device accesses
  count BIGINT                -- second-level page faults in this phase
);

CREATE TABLE ksm (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  t_ns BIGINT,                -- when it was read, ns
  at_phase_end BOOLEAN,       -- the last reading of its phase
  run BIGINT,                 -- 0 stopped, 1 running, 2 unmerging
  full_scans BIGINT,          -- full scans since boot
  ksmd_run_ns BIGINT,         -- CPU time of ksmd since boot, ns; NULL if the lab did not look
  pages_shared BIGINT,        -- merged pages kept, pages
  pages_sharing BIGINT,       -- further mappings of them: pages of memory saved
  pages_unshared BIGINT,      -- looked at and found unique, pages
  pages_volatile BIGINT,      -- changing too fast to be merged, pages
  pages_to_scan BIGINT,       -- setting in force
  sleep_millisecs BIGINT,     -- setting in force, ms
  max_page_sharing BIGINT,    -- setting in force
  use_zero_pages BIGINT,      -- setting in force
  stable_node_chains BIGINT,  -- pages with more than max_page_sharing mappings
  stable_node_dups BIGINT,    -- duplicates those needed
  others VARCHAR              -- every other number of /sys/kernel/mm/ksm, JSON text
);

CREATE TABLE memory (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  t_ns BIGINT,                -- when it was read or said, ns
  at_phase_end BOOLEAN,       -- the last reading of its phase
  scope VARCHAR,              -- 'host' (/proc/meminfo), 'guest' (smaps_rollup of its VMM or process) or 'inside' (the guest's own /proc/meminfo)
  guest BIGINT,               -- NULL for the host
  metric VARCHAR,             -- name in that file: 'MemFree', 'Pss', ...
  kib BIGINT                  -- value, KiB
);

CREATE TABLE mapped (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  guest BIGINT,               -- NULL if counted for the whole host
  updated BIGINT,             -- second-level PTEs rewritten in place by change_pte
  zapped BIGINT,              -- second-level PTEs change_pte could only drop
  missed BIGINT,              -- change_pte calls that found no second-level PTE
  unmapped BIGINT             -- mappings dropped by range_start although change_pte followed
);

CREATE TABLE kvm_stats (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  guest BIGINT,               -- number of the guest, from 0
  stat VARCHAR,               -- name of KVM's statistic: 'exits', 'pf_taken', 'pages_4k', ...
  value_at_end BIGINT,        -- its value at the end of the phase (what counts for a gauge like pages_4k)
  change BIGINT               -- by how much it changed in the phase (what counts for a counter)
);

CREATE TABLE cpu (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  task VARCHAR,               -- 'ksmd', 'vcpu', 'vmm', or 'process' for a plain process in a guest's place
  guest BIGINT,               -- NULL for the host's own tasks
  run_ns BIGINT               -- CPU time used in this phase, ns
);

CREATE TABLE vm_events (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  event VARCHAR,              -- name in the host's /proc/vmstat: 'pswpout', 'cow_ksm', ...; those that did not happen are left out
  count BIGINT                -- how often in this phase; pages for pswpin, pswpout, pgsteal_*, pgscan_*
);

CREATE TABLE host_faults (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  guest BIGINT,               -- number of the guest, from 0
  minor BIGINT,               -- page faults of its VMM or process that the host handled without a disk
  major BIGINT                -- page faults that had to wait for one, here for swap
);

CREATE TABLE host_costs (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  what VARCHAR,               -- 'write lock', 'read lock' (any reader-writer lock, mmu_lock among them), 'tlb flush', 'exit'
  key VARCHAR,                -- function that took the lock; reason of the flush (enum tlb_flush_reason); exit code
  count BIGINT,               -- how often in this phase
  spent_ns BIGINT             -- exits: time until the guest was entered again, ns; otherwise 0
);

CREATE TABLE growth (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- 'grow'
  t_ns BIGINT,                -- when it was read, ns
  guests BIGINT,              -- guests that run by then
  swapped_out_pages BIGINT,   -- pages that the host has swapped out since the first guest was loaded
  stalls BIGINT,              -- how often somebody had to reclaim memory before getting any, since then
  pressed BOOLEAN             -- whether that is pressure: 256 pages swapped out, or more
);

CREATE TABLE census (
  trial VARCHAR,              -- name of the trial, see trials
  grouped_by VARCHAR,         -- 'content': equal content is a group; 'frame': the same page of the host is one; 'swap': pages that are swapped out
  class VARCHAR,              -- 'zero': empty pages; 'data': all others
  guests BIGINT,              -- number of guests that have a page in the group
  pages BIGINT,               -- guest pages in all groups of that many guests
  groups BIGINT               -- number of these groups
);

CREATE TABLE touch (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- 'load' (round 0), 'touch', 'rewrite' or 'restore'
  guest BIGINT,               -- number of the guest, from 0
  round BIGINT,               -- round over the working set, from 1; 0 in 'load'
  t_ns BIGINT,                -- when it was read or said, ns
  pages BIGINT,               -- touches: pages, or operations, see unit
  ticks BIGINT,               -- TSC ticks in all; exact mode: 1 tick is 1 ns virtual, 8 ticks an instruction
  unit VARCHAR,               -- 'page' or 'operation' (a batch of system calls)
  checksum VARCHAR            -- of the content read, hex
);

CREATE TABLE touch_histogram (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  guest BIGINT,               -- number of the guest, from 0
  round BIGINT,               -- round over the working set, from 1; 0 in 'load'
  bin BIGINT,                 -- i
  low_ticks BIGINT,           -- 2^i: the bin holds touches of 2^i up to 2^(i+1) ticks
  pages BIGINT                -- touches in the bin
);

CREATE TABLE logs (
  trial VARCHAR,              -- name of the trial, see trials
  phase VARCHAR,              -- phase that it belongs to, see phases
  t_ns BIGINT,                -- when it was read or said, ns
  source VARCHAR,             -- 'host' or 'guest'
  guest BIGINT,               -- number of the guest, from 0
  text VARCHAR                -- what was said
);

CREATE TABLE failures (
  trial VARCHAR,              -- name of the trial, see trials
  reason VARCHAR,             -- why the trial failed
  guest BIGINT,               -- the guest at fault; NULL if none
  console VARCHAR             -- last lines of its console; NULL if none
);

CREATE TABLE reasons (
  vendor VARCHAR,             -- 'svm' or 'vmx'
  reason_code BIGINT,         -- the processor's exit code
  reason VARCHAR              -- name in the vendor's manual, see reasons.ts
);

-- The raw trace, of trials that were run with --trace. Events of a trial are numbered in the order they
-- happened; an event belongs to the phase at whose end the counters were read next after it. A gfn is
-- the guest's page frame number: its physical address in pages.

CREATE TABLE trace_faults (
  trial_number USMALLINT,     -- see trials
  seq UINTEGER,               -- place among the trial's events, from 0
  t_ns BIGINT,                -- when it happened, ns
  phase_ordinal UTINYINT,     -- phase that it belongs to, see phases
  guest UTINYINT,             -- number of the guest, from 0
  gfn UINTEGER,               -- page that was accessed; 4294967295 if the guest's own page table maps none
  error_code BIGINT,          -- KVM's page fault error code as recorded, see faults
  entry UINTEGER,             -- second-level entry that is to map it, see trace_sptes; 4294967295 if that is not known
  guest_bits UINTEGER,        -- with shadow paging: bits of the guest's own entry as the fault found it, as in trace_sptes; else 0
  guest_table UTINYINT,       -- with shadow paging, 1: page is one of the guest's page tables; else 0
  answer fault_answer         -- what KVM did about it
);

CREATE TABLE trace_exits (
  trial_number USMALLINT,     -- see trials
  seq UINTEGER,               -- place among the trial's events, from 0
  t_ns BIGINT,                -- when it happened, ns
  phase_ordinal UTINYINT,     -- phase that it belongs to, see phases
  guest UTINYINT,             -- number of the guest, from 0
  reason_code UINTEGER        -- the processor's exit code as recorded, see reasons
);

CREATE TABLE trace_notifications (
  trial_number USMALLINT,     -- see trials
  seq UINTEGER,               -- place among the trial's events, from 0
  t_ns BIGINT,                -- when it happened, ns
  phase_ordinal UTINYINT,     -- phase that it belongs to, see phases
  guest UTINYINT,             -- guest whose memory is meant
  gfn UINTEGER,               -- first page of it
  pages UINTEGER,             -- how many, pages
  role task_role,             -- thread that notified
  flags UTINYINT,             -- flags of the range as recorded: 1 may block, 2 change_pte follows
  event_code UTINYINT,        -- enum mmu_notifier_event as recorded: 0 unmap, 1 clear, 2 protect, ...
  cause change_cause          -- what it was for
);

CREATE TABLE trace_host_ptes (
  trial_number USMALLINT,     -- see trials
  seq UINTEGER,               -- place among the trial's events, from 0
  t_ns BIGINT,                -- when it happened, ns
  phase_ordinal UTINYINT,     -- phase that it belongs to, see phases
  guest UTINYINT,             -- guest whose memory it maps
  gfn UINTEGER,               -- page whose entry in the host's page table changed (call of change_pte)
  role task_role,             -- thread that changed it
  pfn BIGINT,                 -- the host's page frame number that it maps now
  writable UTINYINT           -- 1: the new entry may be written, a page was copied; 0: shared from now on
);

CREATE TABLE trace_sptes (
  trial_number USMALLINT,     -- see trials
  seq UINTEGER,               -- place among the trial's events, from 0
  t_ns BIGINT,                -- when it happened, ns
  phase_ordinal UTINYINT,     -- phase that it belongs to, see phases
  guest UTINYINT,             -- guest whose second-level table it is
  gfn UINTEGER,               -- first page that the entry maps
  entry UINTEGER,             -- which entry: with nested paging that of this gfn, with shadow paging a number, as a page has many
  level UTINYINT,             -- 1: an entry of 4 KiB, 2: of 2 MiB, and so on
  role task_role,             -- thread that changed it
  cause change_cause,         -- why
  old_pfn BIGINT,             -- the host's page frame number in the old entry
  old_bits UINTEGER,          -- its other bits: 0 to 11 as they are, 52 to 63 behind them
  new_pfn BIGINT,             -- the host's page frame number in the new entry
  new_bits UINTEGER           -- its other bits; bit 0 present, 1 writable, 11 maps something
);

CREATE TABLE fault_causes (
  trial_number USMALLINT,     -- see trials
  seq UINTEGER,               -- the fault, see trace_faults
  phase_ordinal UTINYINT,     -- phase that it belongs to, see phases
  guest UTINYINT,             -- number of the guest, from 0
  gfn UINTEGER,               -- page that was accessed; NULL if the guest's own page table maps none
  access fault_access,        -- what the guest wanted to do
  guest_walk BOOLEAN,         -- raised by the walk of the guest's own page table
  present BOOLEAN,            -- a mapping was there, but did not allow the access
  cause VARCHAR,              -- why the guest had no mapping that allowed it: see attribution.sql
  changed_by task_role        -- thread that changed the mapping last; NULL if none had
);

-- KSM at the end of the phase `merge`. merged_pages is every guest page that is backed by a merged
-- page: those kept (pages_shared) and those saved (pages_sharing).
CREATE VIEW merged AS
SELECT trial, pages_shared, pages_sharing, pages_shared + pages_sharing AS merged_pages
FROM ksm
WHERE phase = 'merge' AND at_phase_end;

-- Refaults: second-level faults in `touch`, the first phase after `merge` in which guests use their
-- memory, that read or fetch (no write: a write to a merged page must break it), find no mapping (not
-- present), and come neither from the walk of a guest's own page table nor from an access to a device's
-- registers, which KVM makes fault on purpose (mmio). Every trial that has a phase `touch` has a row,
-- unless it did not look for faults at all (observe = 'least').
CREATE VIEW refaulted AS
SELECT
  trial,
  coalesce(sum(count), 0) AS refaults,
  coalesce(sum(count) FILTER (access = 'read'), 0) AS read_refaults,
  coalesce(sum(count) FILTER (access = 'fetch'), 0) AS fetch_refaults
FROM phases
LEFT JOIN (
  SELECT *
  FROM faults
  WHERE access IN ('read', 'fetch') AND NOT present AND NOT guest_walk AND NOT mmio
) USING (trial, phase)
WHERE phase = 'touch' AND trial IN (SELECT trial FROM faults)
GROUP BY trial;

-- The host's memory in use (MemTotal - MemFree) and the sum of its guests' shares, at phase ends, KiB.
CREATE VIEW memory_in_use AS
SELECT
  trial,
  phase,
  sum(kib) FILTER (scope = 'host' AND metric = 'MemTotal')
    - sum(kib) FILTER (scope = 'host' AND metric = 'MemFree') AS host_kib,
  sum(kib) FILTER (scope = 'guest' AND metric = 'Pss') AS guests_pss_kib
FROM memory
WHERE at_phase_end
GROUP BY trial, phase;

-- A condition's levels of some factors ('ksm', 'smart_scan|advisor_mode'), and the condition without
-- them: for questions that show these factors on an axis of their own.
CREATE MACRO condition_of(condition, factors) AS coalesce(
  array_to_string(
    list_filter(
      string_split(condition, ', '), lambda part: regexp_matches(part, '^(' || factors || ')=')
    ),
    ', '
  ),
  ''
);
CREATE MACRO condition_without(condition, factors) AS coalesce(
  array_to_string(
    list_filter(
      string_split(condition, ', '), lambda part: NOT regexp_matches(part, '^(' || factors || ')=')
    ),
    ', '
  ),
  ''
);
