// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two users of MMU notifiers watch the same address space, one with change_pte()
 * and one without, and count what they are told. This is how a test sees that
 * whoever does not implement the callback gets the invalidation for the same change.
 *
 * The process that writes "START END" (hexadecimal) to notifier_probe/watch in
 * debugfs is watched from then on, until it closes the file. Counters are read
 * from notifier_probe/counters. For tests only: one watcher at a time.
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct probe {
	struct mmu_notifier mn;
	const char *name;
	/* All that follows is protected by the lock. */
	spinlock_t lock;
	unsigned long invalidating; /* between start and end of the range watched */
	u64 starts; /* invalidate_range_start() */
	u64 starts_change_pte; /* of these, with the promise of change_pte() */
	u64 ends;
	u64 changes; /* change_pte() */
	u64 changes_outside; /* not between start and end */
	u64 changes_present; /* the PTE had not been cleared: wrong order */
	u64 changes_writable; /* to a PTE that can be written */
};

static struct probe with_callback = { .name = "with_change_pte" };
static struct probe without_callback = { .name = "without_change_pte" };
static unsigned long watch_start, watch_end;
static DEFINE_MUTEX(watch_mutex);
static struct dentry *dir;

static struct probe *probe_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct probe, mn);
}

static bool watched(unsigned long start, unsigned long end)
{
	return start < watch_end && end > watch_start;
}

static int probe_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct probe *p = probe_of(mn);

	if (!watched(range->start, range->end))
		return 0;
	spin_lock(&p->lock);
	p->starts++;
	p->invalidating++;
	if (mmu_notifier_range_change_pte(range))
		p->starts_change_pte++;
	spin_unlock(&p->lock);
	return 0;
}

static void probe_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct probe *p = probe_of(mn);

	if (!watched(range->start, range->end))
		return;
	spin_lock(&p->lock);
	p->ends++;
	p->invalidating--;
	spin_unlock(&p->lock);
}

/*
 * Called with the page table lock held, so the PTE can be looked at. None of the
 * tables above it can go away meanwhile.
 */
static bool pte_is_present(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d = pgd_none(*pgd) ? NULL : p4d_offset(pgd, address);
	pud_t *pud = !p4d || p4d_none(*p4d) ? NULL : pud_offset(p4d, address);
	pmd_t *pmd = !pud || pud_none(*pud) ? NULL : pmd_offset(pud, address);

	if (!pmd || pmd_none(*pmd) || pmd_trans_huge(*pmd))
		return false;
	return pte_present(*pte_offset_kernel(pmd, address));
}

static void probe_change_pte(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long address,
			     pte_t pte)
{
	struct probe *p = probe_of(mn);

	if (!watched(address, address + PAGE_SIZE))
		return;
	spin_lock(&p->lock);
	p->changes++;
	if (!p->invalidating)
		p->changes_outside++;
	if (pte_is_present(mm, address))
		p->changes_present++;
	if (pte_write(pte))
		p->changes_writable++;
	spin_unlock(&p->lock);
}

static const struct mmu_notifier_ops with_ops = {
	.invalidate_range_start = probe_start,
	.invalidate_range_end = probe_end,
	.change_pte = probe_change_pte,
};

static const struct mmu_notifier_ops without_ops = {
	.invalidate_range_start = probe_start,
	.invalidate_range_end = probe_end,
};

static int probe_register(struct probe *p, const struct mmu_notifier_ops *ops)
{
	const char *name = p->name;

	memset(p, 0, sizeof(*p));
	p->name = name;
	p->mn.ops = ops;
	spin_lock_init(&p->lock);
	return mmu_notifier_register(&p->mn, current->mm);
}

static ssize_t watch_write(struct file *file, const char __user *text, size_t bytes, loff_t *offset)
{
	unsigned long start, end;
	char line[64] = {};
	int error;

	if (bytes >= sizeof(line) || copy_from_user(line, text, bytes))
		return -EINVAL;
	if (sscanf(line, "%lx %lx", &start, &end) != 2 || start >= end)
		return -EINVAL;
	if (file->private_data || !mutex_trylock(&watch_mutex))
		return -EBUSY;
	watch_start = start;
	watch_end = end;
	error = probe_register(&with_callback, &with_ops);
	if (error)
		goto fail;
	error = probe_register(&without_callback, &without_ops);
	if (error) {
		mmu_notifier_unregister(&with_callback.mn, current->mm);
		goto fail;
	}
	mmgrab(current->mm);
	file->private_data = current->mm;
	return bytes;
fail:
	mutex_unlock(&watch_mutex);
	return error;
}

static int watch_release(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = file->private_data;

	if (!mm)
		return 0;
	mmu_notifier_unregister(&without_callback.mn, mm);
	mmu_notifier_unregister(&with_callback.mn, mm);
	mmdrop(mm);
	mutex_unlock(&watch_mutex);
	return 0;
}

static const struct file_operations watch_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = watch_write,
	.release = watch_release,
};

static void show(struct seq_file *m, struct probe *p)
{
	spin_lock(&p->lock);
	seq_printf(
		m,
		"%s starts=%llu starts_change_pte=%llu ends=%llu changes=%llu changes_outside=%llu changes_present=%llu changes_writable=%llu\n",
		p->name, p->starts, p->starts_change_pte, p->ends, p->changes, p->changes_outside,
		p->changes_present, p->changes_writable);
	spin_unlock(&p->lock);
}

static int counters_show(struct seq_file *m, void *unused)
{
	show(m, &with_callback);
	show(m, &without_callback);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int __init probe_init(void)
{
	spin_lock_init(&with_callback.lock);
	spin_lock_init(&without_callback.lock);
	dir = debugfs_create_dir("notifier_probe", NULL);
	debugfs_create_file("watch", 0200, dir, NULL, &watch_fops);
	debugfs_create_file("counters", 0400, dir, NULL, &counters_fops);
	return 0;
}

static void __exit probe_exit(void)
{
	debugfs_remove_recursive(dir);
}

module_init(probe_init);
module_exit(probe_exit);
MODULE_DESCRIPTION("Count what users of MMU notifiers are told, with and without change_pte");
MODULE_LICENSE("GPL");
