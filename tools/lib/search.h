/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * search.h - the one binary search by halves, for lists that bsearch() can't ask: duplicates, or a range.
 */
#ifndef KLP_SEARCH_H
#define KLP_SEARCH_H

#include <stddef.h>

/*
 * The first index below @nr for which @before doesn't hold, or @nr.  @before is an expression in @i, the index's name;
 * it holds for a beginning of the list, which is sorted by it, and for nothing behind that.
 */
#define lower_bound(nr, i, before) __extension__({	\
	size_t low_ = 0, high_ = (nr);			\
							\
	while (low_ < high_) {				\
		size_t i = low_ + (high_ - low_) / 2;	\
							\
		if (before)				\
			low_ = i + 1;			\
		else					\
			high_ = i;			\
	}						\
	low_;						\
})

#endif
