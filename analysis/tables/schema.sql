-- What the lab makes of the records: tables that are not those of one kind of record, views, macros.
-- See types.sql for what holds of all tables.

-- Every exit code that has a name, of all vendors: from machines/.
CREATE TABLE reasons (
  vendor VARCHAR,             -- 'svm' or 'vmx', see host
  reason_code BIGINT,         -- the processor's exit code
  reason VARCHAR,             -- name in the vendor's manual
  class VARCHAR,              -- what kind of reason that is: 'fault', 'exception', 'interrupt', 'window', 'halt', 'pause', 'io', 'hypercall', 'msr', 'cpuid', 'apic', 'emulation', 'nested', 'other'
  fault_of VARCHAR            -- 'nested' or 'shadow': the kind of paging whose second-level faults come with it; NULL if none do
);

-- The exit reasons of the processor that a trial ran on, and whether it is a second-level fault there.
CREATE VIEW trial_reasons AS
SELECT
  trial,
  reason_code,
  reasons.reason,
  class,
  coalesce(fault_of = CASE WHEN is_shadow_paging(mmu) THEN 'shadow' ELSE 'nested' END, false) AS is_fault
FROM trials
JOIN host USING (trial)
JOIN reasons USING (vendor);

-- How long an executed instruction takes; NULL where time is not counted in instructions.
CREATE VIEW instruction_times AS
SELECT trial, 1e9 * ticks_an_instruction / tick_hz AS instruction_ns
FROM host;

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
  error_code BIGINT,          -- KVM's page fault error code, see kvm_error_code in faults
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
  new_bits UINTEGER           -- its other bits, see the macros entry_is_...
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

-- What the host has more free at the end of a phase than at the end of the one before `merge`, KiB. Of
-- trials that have such a phase.
CREATE VIEW memory_saved AS
SELECT later.trial, later.phase, before_kib - later.host_kib AS saved_kib
FROM (
  SELECT before.trial, host_kib AS before_kib
  FROM phases AS merging
  JOIN phases AS before ON before.trial = merging.trial AND before.ordinal = merging.ordinal - 1
  JOIN memory_in_use ON memory_in_use.trial = before.trial AND memory_in_use.phase = before.phase
  WHERE merging.phase = 'merge'
) AS base
JOIN memory_in_use AS later USING (trial);

-- Of trials with observe=costs: vmexits and the time to the next entry, by reason; `waits` are halts and
-- interrupts, during which others run.
CREATE VIEW exit_costs AS
SELECT
  host_costs.trial,
  host_costs.phase,
  host_costs.count,
  host_costs.spent_ns,
  coalesce(class IN ('interrupt', 'halt'), false) AS waits,
  is_fault
FROM host_costs
LEFT JOIN trial_reasons
  ON host_costs.trial = trial_reasons.trial AND key = reason_code::VARCHAR
WHERE what = 'exit';

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
