# SPDX-License-Identifier: GPL-2.0-or-later
# A torn download isn't a fix of what has arrived.
# expect: refused diff net/ipv4/arp.c
# expect: refused diff net/ipv4/af_inet.c
# expect: refused diff fs/logo.bin
# expect: refused build-input net/ipv4/moved.c
# expect: refused build-input net/ipv4/copy.c
# says: has fewer lines than its head says
# says: has no lines of it
# says: it is copied from net/ipv4/ping.c
# says: it is renamed from net/ipv4/udp.c
# after: none-compiled
enter net/core/sock_map.c sock_map_alloc '	if (attr->max_entries > 77777777) return ERR_PTR(-E2BIG);'
raw 'diff --git a/net/ipv4/arp.c b/net/ipv4/arp.c
--- a/net/ipv4/arp.c
+++ b/net/ipv4/arp.c
@@ -1,7 +1,8 @@
 // SPDX-License-Identifier: GPL-2.0-or-later
+
 /* linux/net/ipv4/arp.c
diff --git a/net/ipv4/af_inet.c b/net/ipv4/af_inet.c
index 111111111111..222222222222 100644
diff --git a/Documentation/old.rst b/Documentation/new.rst
similarity index 100%
rename from Documentation/old.rst
rename to Documentation/new.rst
diff --git a/fs/logo.bin b/fs/logo.bin
index 111111111111..222222222222 100644
Binary files a/fs/logo.bin and b/fs/logo.bin differ
diff --git a/net/ipv4/udp.c b/net/ipv4/moved.c
similarity index 100%
rename from net/ipv4/udp.c
rename to net/ipv4/moved.c
diff --git a/net/ipv4/ping.c b/net/ipv4/copy.c
similarity index 100%
copy from net/ipv4/ping.c
copy to net/ipv4/copy.c'
