-- On what was each trial carried out, and how does time pass there?
--
-- vendor is the processor's kind of virtualization, on which the codes of vmexits depend. Touches are
-- timed in ticks, of which tick_hz pass in a second. Where time is counted in executed instructions, as
-- in the emulated host, an instruction takes ticks_an_instruction ticks and instruction_ns nanoseconds,
-- whatever it does; NULL elsewhere. One row a trial.
SELECT
  workload,
  condition,
  arm,
  seed,
  trial,
  arch,
  vendor,
  host.kernel AS kernel_release,
  cpus,
  page_bytes,
  tick_hz,
  ticks_an_instruction,
  instruction_ns
FROM trials
JOIN host USING (trial)
JOIN instruction_times USING (trial)
ORDER BY workload, condition, arm, seed, trial
