# SPDX-License-Identifier: GPL-2.0-or-later
"""edits.py - kinds of random edits of a header, for oracle.py.

A kind is a function of a Draw that gives the header's new text, or {path: text} of several files, or
None where the header has nothing of that kind.  The number of lines stays, so that no object differs by
__LINE__ alone: what is added takes the place of an empty line.
"""
import re

STRANGERS = ["linux/crc32.h", "linux/sched.h", "linux/uio.h", "linux/string.h"]
OPERATORS = {"+": "-", "-": "+", "<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "==", "&&": "||",
             "||": "&&", "&": "|", "|": "&", "<<": ">>", ">>": "<<"}
KEYWORDS = set("if else for while do return sizeof struct union enum static inline const int long char void unsigned "
               "signed short typedef extern switch case break default continue goto define include ifdef ifndef endif "
               "undef defined elif volatile typeof asm bool".split())


class Draw:
    def __init__(self, rng, path, text, users, read):
        self.rng, self.path, self.text, self.users, self.read = rng, path, text, users, read

    def pick(self, pattern, text=None):
        found = list(re.finditer(pattern, self.text if text is None else text, re.M))
        return self.rng.choice(found) if found else None

    def put(self, m, new, group=0):
        return self.text[:m.start(group)] + new + self.text[m.end(group):] if m else None

    def user(self):
        """The text of a unit that reads the header."""
        return self.read(self.rng.choice(self.users))

    def word(self, pattern=r"\b([A-Za-z_]\w{3,})\b", text=None):
        """A word that a unit, or @text, has."""
        m = self.pick(pattern, self.user() if text is None else text)
        return m.group(1) if m and m.group(1) not in KEYWORDS else None

    def add(self, *lines):
        """In place of empty lines, in this order."""
        spots = list(re.finditer(r"^$", self.text[:-1], re.M))
        if len(spots) < len(lines):
            return None
        text = self.text
        for m, line in sorted(zip(sorted(self.rng.sample(spots, len(lines)), key=lambda m: m.start()), lines),
                              key=lambda x: -x[0].start()):
            text = text[:m.start()] + line + text[m.start():]
        return text


# ---- anything: a token of any line ----

def number(d):
    m = d.pick(r"(?<![\w.\"])(0x[0-9a-fA-F]+|\d+)(?=[UuLl]*\b)")
    return m and d.put(m, "%d" % (int(m.group(1), 0) + 1) if not re.match(r"0\d", m.group(1)) else "1", 1)


def operator(d):
    m = d.pick(r"(?<= )(\+|-|<=?|>=?|==|!=|&&?|\|\|?|<<|>>)(?= )")
    return m and d.put(m, OPERATORS[m.group(1)], 1)


def other_word(d):
    m = d.pick(r"^.*\b([a-z_]\w{2,})\b.*\b([a-z_]\w{2,})\b.*$")
    if not m or {m.group(1), m.group(2)} & KEYWORDS or m.group(1) == m.group(2):
        return None
    return d.put(m, m.group(2), 1) if d.rng.random() < 0.5 else d.put(m, m.group(1), 2)


def line_gone(d):
    return d.put(d.pick(r"^[ \t][^#\n]*[;,)\\]$"), d.rng.choice(["", "\\"]))


def line_twice(d):
    m = d.pick(r"^([ \t]+[^#\n\\]*[;,)])[ \t]*(\\?)$")
    return m and d.put(m, m.group(1) + " " + m.group(1) + m.group(2))


# ---- macros ----

def macro(d):
    m = d.pick(r"^#[ \t]*define[ \t]+\w+[ \t]+(\(?(?:0x)?[0-9a-fA-F]+U?L*\)?)[ \t]*(?:/\*[^\n]*\*/)?$")
    return m and d.put(m, "(%s + 1)" % m.group(1), 1)


def macro_body(d):
    m = d.pick(r"^#[ \t]*define[ \t]+\w+\([^)\n]*\)[ \t]+(\S[^\n\\]*)$")
    return d.put(m, "(0, %s)" % m.group(1), 1) if m and "/*" not in m.group(1) else None


def long_macro(d):
    """A macro of several lines: a table, or statements."""
    m = d.pick(r"^#[ \t]*define[ \t]+\w+[^\n]*\\\n(?:[^\n]*\\\n)*[^\n]*$")
    if not m:
        return None
    n = d.pick(r"(?<!\w)(\d+)\b|(?<= )([<>=!]=|[+&|-])(?= )|\b(0)\b|(;)", m.group(0))
    if not n:
        return None
    new = str(int(n.group(1)) + 1) if n.group(1) else OPERATORS.get(n.group(0), '; asm volatile("nop");')
    return d.put(m, m.group(0)[:n.start()] + new + m.group(0)[n.end():])


def macro_gone(d):
    m = d.pick(r"^#[ \t]*define[ \t]+(\w+)")
    return d.put(m, m.group(1) + "_qp_oracle", 1) if m else None


def pasted(d):
    """A macro that pastes gets another constant."""
    m = d.pick(r"^#[ \t]*define[ \t]+\w+(\([^)\n]*\)[^\n\\]*##[^\n\\]*)$")
    n = m and re.search(r"\b(\d+)\b", m.group(1))
    return n and d.put(m, m.group(1)[:n.start()] + str(int(n.group(1)) + 1) + m.group(1)[n.end():], 1)


def pasted_name(d):
    """What is only reached by pasting: a name that begins or ends as "x_ ## y" does, anywhere in unit or header."""
    stems = set(re.findall(r"(\w{3,})[ \t]*##", d.text + d.user())) | set(re.findall(r"##[ \t]*(\w{2,})", d.text + d.user()))
    names = [m for m in re.finditer(r"^#[ \t]*define[ \t]+(\w+)[ \t]+(\d+)\b|^(?:static )?[\w \t*]*\b(\w+)\([^;{}#]*?\)\n\{()|"
                                    r"^[ \t]+([A-Z]\w+)[ \t]*(?=[,=])()", d.text, re.M)
             if any((m.group(1) or m.group(3) or m.group(5)).startswith(s) or
                    (m.group(1) or m.group(3) or m.group(5)).endswith(s) for s in stems)]
    if not names:
        return None
    m = d.rng.choice(names)
    if m.group(1):
        return d.put(m, str(int(m.group(2)) + 1), 2)
    return d.put(m, ' asm volatile("nop");', 4) if m.group(3) else d.put(m, "QP_ORACLE, " + m.group(5), 5)


def shadow(d):
    """A new macro over a word that a unit has: a function, a member, a type."""
    if d.rng.random() < 0.5:
        name = d.word(r"\b([a-z_]\w{3,})\(")
        return name and d.add("#define %s(...) (%s(__VA_ARGS__), 0)" % (name, name))
    name = d.word()
    return name and d.add("#define %s %s" % (name, d.rng.choice(["qp_oracle_" + name, "(%s)" % name, "(%s + 1)" % name])))


def shadow_here(d):
    """... or over one that this header has, before or behind it."""
    name = d.word(text=d.text)
    return name and d.add("#define %s %s" % (name, d.rng.choice(["qp_oracle_" + name, "(%s)" % name, "const " + name])))


def undef(d):
    name = d.word(r"^#[ \t]*define[ \t]+(\w+)", d.text + d.user()) if d.rng.random() < 0.5 else d.word(r"\b([A-Z]\w{3,})\b")
    if not name:
        return None
    return d.add("#undef " + name) if d.rng.random() < 0.4 else d.add("#undef " + name, "#define %s (7)" % name)


def config(d):
    """CONFIG_X appears or goes, where a unit or the header asks by #ifdef or IS_ENABLED()."""
    name = d.word(r"\b(CONFIG_\w+)", d.text + d.user())
    if not name:
        return None
    return d.add(d.rng.choice(["#undef %s", "#define %s 1", "#define %s_MODULE 1", "#undef %s_MODULE"]) % name)


def given_early(d):
    """What is only defined #ifndef."""
    name = d.word(r"^#[ \t]*ifn?def[ \t]+(?!_|CONFIG_)(\w+)", d.text + d.user())
    return name and d.add("#define %s %s" % (name, d.rng.choice(["", "7", name])))


# ---- conditions and includes ----

def condition(d):
    m = d.pick(r"^#[ \t]*(?:el)?if(?:def|ndef)?[ \t]+(?!_|[A-Z_0-9]*_H\b)[^\n\\]*$")
    word = "#elif " if m and "elif" in m.group(0) else "#if "
    return d.put(m, word + d.rng.choice(["1", "0", "__has_include(<linux/crc32.h>)", "!__has_include(<linux/crc32.h>)",
                                         "defined(CONFIG_SMP)", "!IS_ENABLED(CONFIG_NET)", "__INCLUDE_LEVEL__ > 2"]))


def include(d):
    m = d.pick(r"^#[ \t]*include[ \t]+[<\"][^>\"\n]*[>\"]$")
    return m and d.put(m, d.rng.choice(["", "#include <%s>" % d.rng.choice(STRANGERS), m.group(0).replace("include", "include_next", 1)]))


def include_more(d):
    other = d.rng.choice(STRANGERS)
    own = d.pick(r"^#[ \t]*include[ \t]+([<\"][^>\"\n]*[>\"])$", d.user())
    return d.rng.choice([
        lambda: d.add("#include <%s>" % other),
        lambda: d.add("#define QP_ORACLE_H <%s>" % other, "#include QP_ORACLE_H"),
        lambda: own and d.add("#include " + own.group(1)),
        lambda: own and d.add("#define QP_ORACLE static", "#include " + own.group(1))])()


def pragma(d):
    function = d.word(r"\b([a-z_]\w{3,})\(") or "qp"
    return d.add(d.rng.choice(["#pragma pack(1)", "#pragma GCC optimize(\"O1\")", "#pragma GCC visibility push(hidden)",
                               "_Pragma(\"pack(1)\")", "#pragma weak " + function,
                               "#pragma redefine_extname %s qp_%s" % (function, function)]))


# ---- declarations ----

BODY = r"^static (?:inline|__always_inline)[^;{}#]*?\)\n\{()"


def inline(d):
    return d.put(d.pick(BODY), ' asm volatile("nop");', 1)


def attribute(d):
    m = d.pick(r"^static (inline|__always_inline) ")
    return m and d.put(m, d.rng.choice(["__maybe_unused noinline", "inline __attribute__((used))", "noinline __attribute__((cold))",
                                        "inline __attribute__((constructor))", "inline __section(\".qp\")", "__attribute__((flatten)) inline"]), 1)


def prototype(d):
    m = d.pick(r"^(?:extern )?[a-z_][\w \t]*[ *](\w+)\([^;{}#()]*\)(;)$")
    return m and d.put(m, d.rng.choice([" __attribute__((noreturn));", " __weak;", " __attribute__((const));", " __section(\".qp\");",
                                        ' __asm__("qp_%s");' % m.group(1), " __attribute__((cold));",
                                        " __attribute__((visibility(\"hidden\")));"]), 2)


def extern(d):
    m = d.pick(r"^extern [\w \t*]+\b\w+(?:\[\w*\])?(;)$")
    return m and d.put(m, d.rng.choice([" __section(\".qp\");", " __weak;", " __attribute__((aligned(64)));", " __attribute__((used));"]), 1)


def enumerator(d):
    m = d.pick(r"^enum[ \t]*\w*[ \t]*\{()|^[ \t]+[A-Z]\w+()(?=[ \t]*,)|^[ \t]+[A-Z]\w+ = (\d+)(?=,)")
    if not m:
        return None
    return d.put(m, " QP_ORACLE,", 1) if m.group(1) is not None else \
        d.put(m, ", QP_ORACLE", 2) if m.group(2) is not None else d.put(m, str(int(m.group(3)) + 1), 3)


def typedef(d):
    m = d.pick(r"^typedef[ \t]+((?:unsigned )?(?:int|long|char|short)|[us](?:8|16|32|64)|__u32|struct \w+)[ \t]+\*?\w+;")
    return m and d.put(m, "unsigned char" if m.group(1) != "unsigned char" else "long", 1)


def struct(d):
    m = d.pick(r"^(?:struct|union)[ \t]+(\w+)[ \t]*\{()")
    return m and (d.put(m, " int qp_oracle;", 2) if d.rng.random() < 0.6 else d.put(m, "__packed " + m.group(1), 1))


def member(d):
    m = d.pick(r"^[ \t]+(unsigned int|int|u8|u16|u32|u64|__le32|__be16|bool|long|unsigned long|char)[ \t]+\w+(?:;|\[)")
    new = m and d.rng.choice(["u8", "u64", "const " + m.group(1), "volatile " + m.group(1), "signed char"])
    return m and d.put(m, new, 1)


def swapped(d):
    m = d.pick(r"^([ \t]+[\w \t*]+;)\n([ \t]+[\w \t*]+;)$")
    return m and d.put(m, m.group(2) + "\n" + m.group(1))


def data(d):
    return d.add(d.rng.choice(["static const int qp_oracle __attribute__((used)) = 4242;", "static int qp_oracle __attribute__((used));",
                               "int qp_oracle __weak;", "asm(\".globl qp_oracle; qp_oracle = 42\");", "extern int jiffies_qp; int jiffies_qp __weak = 3;",
                               "static int __attribute__((used)) qp_oracle(void) { return 42; }", "int qp_oracle[] __weak = { 1, 2 };",
                               "static inline int __attribute__((used)) qp_oracle(void) { return 1; }",
                               "static const char qp_oracle[] __section(\".qp\") __used = \"qp\";"]))


# ---- text that becomes a string; assembly ----

def string(d):
    return d.put(d.pick(r'^[ \t][^\n#*/]*"[^"\n]*( )[^"\n]*"'), "  ", 1)


def stringified(d):
    """Blanks inside of a call's or a macro's arguments: "#x" shows them."""
    m = d.pick(r"\w\([^()\n\"]*\w( ?)(?:->|[,+=&|.<>-])[^()\n\"]*\)")
    return m and d.put(m, "" if m.group(1) else " ", 1)


def assembly(d):
    if not any(u.endswith(".S") for u in d.users):
        return None
    m = d.pick(r"^[ \t]*\.macro[ \t]+[^\n;]*()$|^[ \t]+(?:mov|push|pop|add|call|jmp|test|cmp|and|or|lea)\w*[ \t][^\n;\\]*()$")
    if m and d.rng.random() < 0.7:
        return d.put(m, "; nop", 1 if m.group(1) is not None else 2)
    return d.rng.choice([number, macro, macro_body, condition])(d)


EDITS = [number, operator, other_word, line_gone, line_twice, macro, macro_body, long_macro, macro_gone, pasted, pasted_name,
         shadow, shadow_here, undef, config, given_early, condition, include, include_more, pragma, inline, attribute, prototype,
         extern, enumerator, typedef, struct, member, swapped, data, string, stringified, assembly]
