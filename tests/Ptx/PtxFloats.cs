namespace GanFromScratch.Tests;

/// <summary>Arithmetic of floats: rounded to nearest even, subnormals kept, every NaN that it makes the canonical one.</summary>
internal static class PtxFloats
{
    private const uint CanonicalNaN = 0x7FFFFFFF;

    public static IEnumerable<PtxOperation> Rows() =>
    [
        .. PtxOperation.Named("add.f32 add.rn.f32", 2, (a, b, _) => Bits(Float(a) + Float(b))),
        .. PtxOperation.Named("sub.f32 sub.rn.f32", 2, (a, b, _) => Bits(Float(a) - Float(b))),
        .. PtxOperation.Named("mul.f32 mul.rn.f32", 2, (a, b, _) => Bits(Float(a) * Float(b))),
        .. PtxOperation.Named("div.rn.f32", 2, (a, b, _) => Bits(Float(a) / Float(b))),
        .. PtxOperation.Named("fma.rn.f32", 3, (a, b, c) => Bits(MathF.FusedMultiplyAdd(Float(a), Float(b), Float(c)))),
        .. PtxOperation.Named("sqrt.rn.f32", 1, (a, _, _) => Bits(MathF.Sqrt(Float(a)))),
        .. PtxOperation.Named("rcp.rn.f32", 1, (a, _, _) => Bits(1f / Float(a))),

        // The one function here that hardware does not give exactly: 2 units in the last place are allowed.
        .. PtxOperation.Named("ex2.approx.f32", 1, (a, _, _) => Bits((float)Math.Pow(2, Float(a)))),

        // Of a number and NaN, the number; -0 is less than 0.
        .. PtxOperation.Named("min.f32", 2, (a, b, _) => Bits(float.MinNumber(Float(a), Float(b)))),
        .. PtxOperation.Named("max.f32", 2, (a, b, _) => Bits(float.MaxNumber(Float(a), Float(b)))),
        .. PtxOperation.Named("neg.f32", 1, (a, _, _) => a ^ 0x80000000),
        .. PtxOperation.Named("abs.f32", 1, (a, _, _) => a & 0x7FFFFFFF),

        .. PtxOperation.Named("cvt.rni.f32.f32", 1, (a, _, _) => Bits(MathF.Round(Float(a), MidpointRounding.ToEven))),
        .. PtxOperation.Named("cvt.rmi.f32.f32", 1, (a, _, _) => Bits(MathF.Floor(Float(a)))),
        .. PtxOperation.Named("cvt.rpi.f32.f32", 1, (a, _, _) => Bits(MathF.Ceiling(Float(a)))),
        .. PtxOperation.Named("cvt.rzi.f32.f32", 1, (a, _, _) => Bits(MathF.Truncate(Float(a)))),
    ];

    public static float Float(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    public static ulong Bits(float value) => float.IsNaN(value) ? CanonicalNaN : BitConverter.SingleToUInt32Bits(value);
}
