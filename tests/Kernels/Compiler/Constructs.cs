using GanFromScratch.Kernels;

namespace GanFromScratch.Tests;

/// <summary>A piece of kernel C#: plain C# on the host, and on every engine it has to give the same bits.</summary>
internal interface IConstruct
{
    static abstract long Of(long a, long b);
}

/// <summary>What runs a construct on an engine, and helpers for the constructs.</summary>
internal static class Construct
{
    public static void Kernel<C>(Index1D i, ArrayView<long> a, ArrayView<long> b, ArrayView<long> y)
        where C : struct, IConstruct
    {
        if (i >= y.Length)
            return;
        y[i] = C.Of(a[i], b[i]);
    }

    /// <summary>The lower half's bits as a float.</summary>
    public static float Float(long bits) => BitConverter.Int32BitsToSingle((int)bits);

    /// <summary>A float's bits. One NaN is as good as another.</summary>
    public static long Bits(float x) => float.IsNaN(x) ? 0x7fc00000 : BitConverter.SingleToInt32Bits(x);

    /// <summary>Several results in one.</summary>
    public static long Mix(long before, long result) => ((before ^ result) * 0x5851F42D4C957F2D) + (before >>> 17);

    /// <summary>A divisor that neither is zero nor overflows, which C# answers with an exception.</summary>
    public static int Divisor(long b) => (int)b is 0 or -1 ? 3 : (int)b;
}
