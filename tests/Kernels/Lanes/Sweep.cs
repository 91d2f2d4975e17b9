using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A function of a float lane, and what it should give.</summary>
internal interface ISwept
{
    V Lane<V>(V x)
        where V : struct, IFloatLane<V>;

    double Exact(double x);
}

/// <summary>
/// Runs a function over floats from the whole range on <see cref="Simd"/> and on <see cref="Scalar"/>, which must agree to the bit, and
/// measures its error against double.
/// </summary>
internal static unsafe class Sweep
{
    /// <summary>Where something begins or ends: zeros, subnormals, the normal range, whole numbers, limits of exp, infinity, NaN.</summary>
    public static readonly float[] Special =
    [
        .. Both(0f, float.Epsilon, 3 * float.Epsilon, 1.1754942e-38f, 1.17549435e-38f, 1e-30f, 5.9604645e-8f, 1.1920929e-7f, 1e-3f, 0.25f,
            0.5f, 0.625f, 0.62499994f, 0.70710677f, 0.7071068f, 0.75f, 0.99999994f, 1f, 1.0000001f, 1.4142135f, 2f, 9.010913f, 16777216f,
            1e30f, 1.0000001e30f, 87.33654f, 87.33655f, 88.72283f, 88.72284f, 89f, 103.27892f, 103.97207f, 103.97208f, 103.97209f, 104f,
            1e10f, float.MaxValue, float.PositiveInfinity, float.NaN),
    ];

    /// <summary>Every <paramref name="step"/>th of the 2³² floats, and the special ones.</summary>
    public static IEnumerable<float> Floats(uint step = 997)
    {
        for (ulong bits = 0; bits <= uint.MaxValue; bits += step)
            yield return BitConverter.UInt32BitsToSingle((uint)bits);
        foreach (float special in Special)
            yield return special;
    }

    /// <summary>The largest error, in ulp, over the numbers that lie in the function's domain; both lanes agree everywhere.</summary>
    public static (double Ulps, float At) LargestError<F>(F f, IEnumerable<float> numbers, Func<float, bool>? inDomain = null)
        where F : struct, ISwept
    {
        (double Ulps, float At) largest = (0, 0);
        float* x = stackalloc float[Simd.Lanes];
        float* y = stackalloc float[Simd.Lanes];
        foreach (float[] sixteen in numbers.Chunk(Simd.Lanes))
        {
            sixteen.CopyTo(new Span<float>(x, Simd.Lanes));
            Simd.Store(y, f.Lane(Simd.Load(x)));
            for (int i = 0; i < sixteen.Length; i++)
            {
                float alone = f.Lane(new Scalar(x[i])).Value;
                if (!Numbers.Same(alone, y[i]))
                    Assert.Fail($"{typeof(F).Name}({x[i]:g9}): {alone:g9} alone, {y[i]:g9} among sixteen");
                if (inDomain is not null && !inDomain(x[i]))
                    continue;
                double ulps = Numbers.Ulps(alone, f.Exact(x[i]));
                if (ulps > largest.Ulps)
                    largest = (ulps, x[i]);
            }
        }
        TestContext.Out.WriteLine($"{typeof(F).Name}: {largest.Ulps:f3} ulp at {largest.At:g9}");
        return largest;
    }

    private static float[] Both(params float[] numbers) => [.. numbers, .. numbers.Select(x => -x)];
}
