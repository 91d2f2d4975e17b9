namespace GanFromScratch.Tests;

/// <summary>Arithmetic and logic of whole numbers, and what moves any value.</summary>
internal static class PtxIntegers
{
    public static IEnumerable<PtxOperation> Rows() =>
    [
        .. PtxOperation.Named("mov.b32 mov.u32 mov.s32 mov.f32 mov.b64 mov.u64 mov.s64 mov.pred cvta.to.global.u64", 1, (a, _, _) => a),
        .. PtxOperation.Named("selp.b32 selp.u32 selp.s32 selp.f32 selp.b64 selp.u64 selp.s64", 3, (a, b, c) => c != 0 ? a : b),

        .. PtxOperation.Named("add.s32 add.u32", 2, (a, b, _) => (uint)a + (uint)b),
        .. PtxOperation.Named("add.s64 add.u64", 2, (a, b, _) => a + b),
        .. PtxOperation.Named("sub.s32 sub.u32", 2, (a, b, _) => (uint)a - (uint)b),
        .. PtxOperation.Named("sub.s64 sub.u64", 2, (a, b, _) => a - b),
        .. PtxOperation.Named("neg.s32", 1, (a, _, _) => 0u - (uint)a),
        .. PtxOperation.Named("neg.s64", 1, (a, _, _) => 0ul - a),
        .. PtxOperation.Named("abs.s32", 1, (a, _, _) => (int)a < 0 ? 0u - (uint)a : a),
        .. PtxOperation.Named("abs.s64", 1, (a, _, _) => (long)a < 0 ? 0ul - a : a),

        .. PtxOperation.Named("mul.lo.s32 mul.lo.u32", 2, (a, b, _) => (uint)a * (uint)b),
        .. PtxOperation.Named("mul.lo.s64 mul.lo.u64", 2, (a, b, _) => a * b),
        .. PtxOperation.Named("mul.hi.u32", 2, (a, b, _) => (a * b) >> 32),
        .. PtxOperation.Named("mul.hi.s32", 2, (a, b, _) => (uint)(((long)(int)a * (int)b) >> 32)),
        .. PtxOperation.Named("mul.hi.u64", 2, (a, b, _) => Math.BigMul(a, b, out ulong _)),
        .. PtxOperation.Named("mul.hi.s64", 2, (a, b, _) => (ulong)Math.BigMul((long)a, (long)b, out long _)),
        .. PtxOperation.Named("mul.wide.u32", 2, (a, b, _) => a * b),
        .. PtxOperation.Named("mul.wide.s32", 2, (a, b, _) => (ulong)((long)(int)a * (int)b)),
        .. PtxOperation.Named("mad.lo.s32 mad.lo.u32", 3, (a, b, c) => ((uint)a * (uint)b) + (uint)c),
        .. PtxOperation.Named("mad.lo.s64 mad.lo.u64", 3, (a, b, c) => (a * b) + c),
        .. PtxOperation.Named("mad.wide.u32", 3, (a, b, c) => (a * b) + c),
        .. PtxOperation.Named("mad.wide.s32", 3, (a, b, c) => (ulong)((long)(int)a * (int)b) + c),

        // C# refuses the quotient of the least number and -1, which is its own negative.
        .. PtxOperation.Named("div.s32", 2, (a, b, _) => (int)b == -1 ? 0u - (uint)a : (uint)((int)a / (int)Divisor(b))),
        .. PtxOperation.Named("div.s64", 2, (a, b, _) => (long)b == -1 ? 0ul - a : (ulong)((long)a / (long)Divisor(b))),
        .. PtxOperation.Named("div.u32 div.u64", 2, (a, b, _) => a / Divisor(b)),
        .. PtxOperation.Named("rem.s32", 2, (a, b, _) => (int)b == -1 ? 0 : (uint)((int)a % (int)Divisor(b))),
        .. PtxOperation.Named("rem.s64", 2, (a, b, _) => (long)b == -1 ? 0 : (ulong)((long)a % (long)Divisor(b))),
        .. PtxOperation.Named("rem.u32 rem.u64", 2, (a, b, _) => a % Divisor(b)),

        .. PtxOperation.Named("min.s32", 2, (a, b, _) => (int)a < (int)b ? a : b),
        .. PtxOperation.Named("max.s32", 2, (a, b, _) => (int)a > (int)b ? a : b),
        .. PtxOperation.Named("min.s64", 2, (a, b, _) => (long)a < (long)b ? a : b),
        .. PtxOperation.Named("max.s64", 2, (a, b, _) => (long)a > (long)b ? a : b),
        .. PtxOperation.Named("min.u32 min.u64", 2, (a, b, _) => ulong.Min(a, b)),
        .. PtxOperation.Named("max.u32 max.u64", 2, (a, b, _) => ulong.Max(a, b)),

        .. PtxOperation.Named("and.b32 and.b64 and.pred", 2, (a, b, _) => a & b),
        .. PtxOperation.Named("or.b32 or.b64 or.pred", 2, (a, b, _) => a | b),
        .. PtxOperation.Named("xor.b32 xor.b64 xor.pred", 2, (a, b, _) => a ^ b),
        .. PtxOperation.Named("not.b32", 1, (a, _, _) => (uint)~a),
        .. PtxOperation.Named("not.b64", 1, (a, _, _) => ~a),
        .. PtxOperation.Named("not.pred", 1, (a, _, _) => a ^ 1),

        // An amount of the width or more pushes every bit out; it is not taken modulo the width, as C# takes it.
        .. PtxOperation.Named("shl.b32", 2, (a, b, _) => b > 31 ? 0 : (uint)a << (int)b),
        .. PtxOperation.Named("shl.b64", 2, (a, b, _) => b > 63 ? 0 : a << (int)b),
        .. PtxOperation.Named("shr.b32 shr.u32", 2, (a, b, _) => b > 31 ? 0 : (uint)a >> (int)b),
        .. PtxOperation.Named("shr.b64 shr.u64", 2, (a, b, _) => b > 63 ? 0 : a >> (int)b),
        .. PtxOperation.Named("shr.s32", 2, (a, b, _) => (uint)((int)a >> (int)ulong.Min(b, 31))),
        .. PtxOperation.Named("shr.s64", 2, (a, b, _) => (ulong)((long)a >> (int)ulong.Min(b, 63))),
    ];

    // What a division by zero gives is the machine's affair, so no kernel may do it.
    private static ulong Divisor(ulong b) =>
        b != 0 ? b : throw new PtxFault(PtxFault.LaunchFailed, "division by zero, whose result is unspecified");
}
