-- Why each second-level fault of a traced trial happened: fills fault_causes.
--
-- A fault is explained by the last change of the second-level entry of its page before it: an entry of
-- 4 KiB, or one of 2 MiB that covers the page, whichever changed last. Either there never was one, or
-- it was dropped, and why is known from the notification under which it was; or it is there and does
-- not allow the access, and why is known from what made it so. With shadow paging a page has an entry for
-- each place of the guest's that maps it, and what KVM did about a fault is known: trace/shadow.ts.
INSERT INTO fault_causes
WITH faulted AS (
  SELECT
    *,
    fault_is_present(error_code) AS present,
    fault_is_mmio(error_code) AS mmio,
    fault_is_guest_walk(error_code) AS guest_walk,
    fault_access_of(error_code) AS access,
    huge_page_of(gfn) AS huge_gfn
  FROM trace_faults
),
small AS (
  SELECT trial_number, guest, entry, seq AS small_seq, cause AS small_cause,
    role AS small_role, new_bits AS small_bits
  FROM trace_sptes
  -- With shadow paging a fault knows its entry, whatever its size.
  WHERE level = 1 OR trial_number IN (SELECT trial_number FROM trials WHERE is_shadow_paging(mmu))
),
large AS (
  SELECT trial_number, guest, gfn AS huge_gfn, seq AS large_seq, cause AS large_cause,
    role AS large_role,
    -- The entry of a table of smaller entries maps nothing itself.
    CASE WHEN entry_is_large(new_bits) THEN new_bits ELSE 0 END AS large_bits
  FROM trace_sptes
  WHERE level = 2 AND trial_number NOT IN (SELECT trial_number FROM trials WHERE is_shadow_paging(mmu))
    AND (entry_is_large(old_bits) OR entry_is_large(new_bits))
),
last_change AS (
  SELECT
    faulted.*,
    CASE WHEN coalesce(large_seq, 0) > coalesce(small_seq, 0) THEN large_cause ELSE small_cause END
      AS change,
    CASE WHEN coalesce(large_seq, 0) > coalesce(small_seq, 0) THEN large_role ELSE small_role END
      AS changed_by,
    CASE WHEN coalesce(large_seq, 0) > coalesce(small_seq, 0) THEN large_bits ELSE small_bits END
      AS bits
  FROM faulted
  ASOF LEFT JOIN small
    ON faulted.trial_number = small.trial_number AND faulted.guest = small.guest
    AND faulted.entry = small.entry AND faulted.seq > small.small_seq
  ASOF LEFT JOIN large
    ON faulted.trial_number = large.trial_number AND faulted.guest = large.guest
    AND faulted.huge_gfn = large.huge_gfn AND faulted.seq > large.large_seq
),
-- Whether KSM has made the host's own entry map a shared page, and nobody has copied that since. A copy
-- shows as a notification; that KSM shares as a call of change_pte, or, where the kernel has none, as a
-- notification too.
shared AS (
  SELECT trial_number, guest, gfn, seq AS shared_seq, role = 'ksmd' AND writable = 0 AS shares
  FROM trace_host_ptes
  UNION ALL
  SELECT trial_number, guest, gfn, seq, cause = 'merge'
  FROM trace_notifications
  WHERE cause IN ('break', 'unmerge', 'discard')
    OR (cause = 'merge' AND trial_number NOT IN (SELECT trial_number FROM trace_host_ptes))
),
joined AS (
  SELECT last_change.*, coalesce(shares, false) AS is_shared
  FROM last_change
  ASOF LEFT JOIN shared
    ON last_change.trial_number = shared.trial_number AND last_change.guest = shared.guest
    AND last_change.gfn = shared.gfn AND last_change.seq > shared.shared_seq
)
SELECT
  trial_number,
  seq,
  phase_ordinal,
  guest,
  nullif(gfn, 4294967295),
  access,
  guest_walk,
  present,
  CASE
    WHEN mmio OR answer = 'device' THEN 'device'
    WHEN answer = 'guest fault' THEN 'the guest''s own fault'
    WHEN answer = 'table' THEN 'shadow table linked'
    WHEN access = 'write' AND guest_table = 1 AND (answer = 'nothing' OR present)
      THEN 'write to a guest page table'
    WHEN answer = 'nothing' AND change IS NULL THEN
      CASE WHEN is_shared AND access = 'write' THEN 'write to a merged page' ELSE 'unexplained' END
    WHEN change IS NULL THEN 'never mapped'
    WHEN NOT entry_is_mapped(bits) THEN
      CASE change
        WHEN 'merge' THEN 'merged'
        WHEN 'break' THEN
          CASE changed_by
            WHEN 'vcpu' THEN 'copied: the guest wrote'
            ELSE 'copied: the VMM wrote'
          END
        WHEN 'unmerge' THEN 'copied: KSM gave up'
        WHEN 'split' THEN 'huge page split'
        WHEN 'collapse' THEN 'huge page collapsed'
        WHEN 'reclaim' THEN 'reclaimed'
        WHEN 'migration' THEN 'migrated'
        WHEN 'discard' THEN 'discarded'
        WHEN 'unmap' THEN 'unmapped'
        WHEN 'protection' THEN 'protected'
        WHEN 'release' THEN 'unmapped'
        WHEN 'memory slots' THEN 'memory slots changed'
        WHEN 'guest table' THEN 'guest page table changed'
        WHEN 'shadow table' THEN 'shadow table given up'
        ELSE 'unexplained'
      END
    WHEN NOT entry_is_present(bits) THEN 'access tracking'
    WHEN access = 'write' AND NOT entry_is_writable(bits) THEN
      CASE
        WHEN is_shared AND guest_walk THEN 'page-table walk of a merged page'
        WHEN is_shared THEN 'write to a merged page'
        WHEN change = 'guest table' THEN 'write to a guest page table'
        -- KVM lets the guest's own entry become dirty only by a write that it sees.
        WHEN answer = 'mapped' AND NOT entry_is_dirty(guest_bits) THEN 'first write to a clean page'
        ELSE 'write to a read-only page'
      END
    ELSE 'unexplained'
  END AS cause,
  changed_by
FROM joined
