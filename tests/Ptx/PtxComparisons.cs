namespace GanFromScratch.Tests;

/// <summary>setp: an ordered comparison with NaN is false, an unordered one true; "ne" of floats is ordered as well.</summary>
internal static class PtxComparisons
{
    public static IEnumerable<PtxOperation> Rows() =>
    [
        .. Compare("eq", "b32 u32 s32 b64 u64 s64", (a, b, _) => Bit(a == b)),
        .. Compare("ne", "b32 u32 s32 b64 u64 s64", (a, b, _) => Bit(a != b)),
        .. Compare("lt", "u32 u64", (a, b, _) => Bit(a < b)),
        .. Compare("le", "u32 u64", (a, b, _) => Bit(a <= b)),
        .. Compare("gt", "u32 u64", (a, b, _) => Bit(a > b)),
        .. Compare("ge", "u32 u64", (a, b, _) => Bit(a >= b)),
        .. Compare("lt", "s32", (a, b, _) => Bit((int)a < (int)b)),
        .. Compare("le", "s32", (a, b, _) => Bit((int)a <= (int)b)),
        .. Compare("gt", "s32", (a, b, _) => Bit((int)a > (int)b)),
        .. Compare("ge", "s32", (a, b, _) => Bit((int)a >= (int)b)),
        .. Compare("lt", "s64", (a, b, _) => Bit((long)a < (long)b)),
        .. Compare("le", "s64", (a, b, _) => Bit((long)a <= (long)b)),
        .. Compare("gt", "s64", (a, b, _) => Bit((long)a > (long)b)),
        .. Compare("ge", "s64", (a, b, _) => Bit((long)a >= (long)b)),

        .. Compare("eq", "f32", (a, b, _) => Bit(Float(a) == Float(b))),
        .. Compare("ne", "f32", (a, b, _) => Bit(Float(a) < Float(b) || Float(a) > Float(b))),
        .. Compare("lt", "f32", (a, b, _) => Bit(Float(a) < Float(b))),
        .. Compare("le", "f32", (a, b, _) => Bit(Float(a) <= Float(b))),
        .. Compare("gt", "f32", (a, b, _) => Bit(Float(a) > Float(b))),
        .. Compare("ge", "f32", (a, b, _) => Bit(Float(a) >= Float(b))),
        .. Compare("equ", "f32", (a, b, _) => Bit(!(Float(a) < Float(b) || Float(a) > Float(b)))),
        .. Compare("neu", "f32", (a, b, _) => Bit(Float(a) != Float(b))),
        .. Compare("ltu", "f32", (a, b, _) => Bit(!(Float(a) >= Float(b)))),
        .. Compare("leu", "f32", (a, b, _) => Bit(!(Float(a) > Float(b)))),
        .. Compare("gtu", "f32", (a, b, _) => Bit(!(Float(a) <= Float(b)))),
        .. Compare("geu", "f32", (a, b, _) => Bit(!(Float(a) < Float(b)))),
    ];

    private static IEnumerable<PtxOperation> Compare(string comparison, string types, PtxFunction run) =>
        types.Split(' ').SelectMany(type => PtxOperation.Named($"setp.{comparison}.{type}", 2, run));

    private static ulong Bit(bool value) => value ? 1ul : 0;

    private static float Float(ulong bits) => PtxFloats.Float(bits);
}
