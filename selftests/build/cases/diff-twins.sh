# SPDX-License-Identifier: GPL-2.0-or-later
# Two functions have the hunk's lines, and it is at neither: which is meant can't be told.
# expect: refused diff fs/isofs/rock.c
# says: fits at 2 places, as at lines 243 and 359
# after: none-compiled
raw '--- a/fs/isofs/rock.c
+++ b/fs/isofs/rock.c
@@ -300,4 +300,5 @@
 		 * is bogus.
 		 */
 		if (rs.len < 0)
+			rs.len = 0;
 			goto out;	/* Something got screwed up here */'
