using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// exp, log, tanh, sine and cosine from multiply-adds and the bits of a float, with the same bits in every lane and on every machine with
/// FMA. Polynomials after Cephes (S. L. Moshier, single precision). The errors given are the largest of a sweep over every 61st float
/// against double, in units of the last place (ulp); the tests assert them.
/// </summary>
public static class Transcendental
{
    /// <summary>The bits of √½, from which <see cref="IFloatLane{V}.Split"/> counts exponents, so that m is in [√½, √2).</summary>
    internal const int RootHalfBits = 0x3f3504f3;

    private const float Ln2High = 0.693359375f;       // few bits, so that n · Ln2High is exact
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>eˣ to 1.01 ulp: 0 below -104, infinity above 88.7228.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x)
        where V : struct, IFloatLane<V>
    {
        x = WithinExp(x);
        V n = V.Round(x * V.Of(1.44269504f));
        V r = V.MultiplyAdd(n, V.Of(-Ln2High), x);
        r = V.MultiplyAdd(n, V.Of(-Ln2Low), r);
        return ExpNear(r, n);
    }

    /// <summary>ln x to 0.80 ulp: -infinity at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x)
        where V : struct, IFloatLane<V>
    {
        V zero = V.Of(0f), one = V.Of(1f), infinity = V.Of(float.PositiveInfinity);
        V f = SplitAny(x, out V n) - one, square = f * f;
        V p = V.Of(7.0376836292e-2f);
        p = V.MultiplyAdd(p, f, V.Of(-1.1514610310e-1f));
        p = V.MultiplyAdd(p, f, V.Of(1.1676998740e-1f));
        p = V.MultiplyAdd(p, f, V.Of(-1.2420140846e-1f));
        p = V.MultiplyAdd(p, f, V.Of(1.4249322787e-1f));
        p = V.MultiplyAdd(p, f, V.Of(-1.6668057665e-1f));
        p = V.MultiplyAdd(p, f, V.Of(2.0000714765e-1f));
        p = V.MultiplyAdd(p, f, V.Of(-2.4999993993e-1f));
        p = V.MultiplyAdd(p, f, V.Of(3.3333331174e-1f));
        V low = V.MultiplyAdd(p * f, square, n * V.Of(Ln2Low));
        V y = V.MultiplyAdd(n, V.Of(Ln2High), f + V.MultiplyAdd(square, V.Of(-0.5f), low));
        y = V.IfLess(x, infinity, y, x);                                   // infinity and NaN as they are
        return V.IfPositive(x, y, V.IfLess(x, zero, V.Of(float.NaN), V.IfLess(zero, x + one, V.Of(float.NegativeInfinity), x)));
    }

    /// <summary>
    /// ln(1 + x) to 1.26 ulp for x ≥ 0, to the full precision of small x: what softplus needs. To 1.44 ulp for -1 &lt; x &lt; 0, NaN from
    /// -1 down.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1P<V>(V x)
        where V : struct, IFloatLane<V>
    {
        V one = V.Of(1f), sum = one + x;
        V lost = x - (sum - one); // what rounding 1 + x took away
        return V.IfLess(V.Of(1e30f), x, Log(x), Log(sum) + lost / sum);
    }

    /// <summary>tanh x to 1.30 ulp, odd to the bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x)
        where V : struct, IFloatLane<V>
    {
        V size = V.Abs(x), square = x * x;
        V p = V.Of(-5.70498872745e-3f);
        p = V.MultiplyAdd(p, square, V.Of(2.06390887954e-2f));
        p = V.MultiplyAdd(p, square, V.Of(-5.37397155531e-2f));
        p = V.MultiplyAdd(p, square, V.Of(1.33314422036e-1f));
        p = V.MultiplyAdd(p, square, V.Of(-3.33332819422e-1f));
        V near = V.MultiplyAdd(p * square, size, size);
        V far = V.Of(1f) - (V.Of(2f) / (Exp(size + size) + V.Of(1f)));
        return V.WithSign(V.IfLess(size, V.Of(0.625f), near, far), x);
    }

    /// <summary>Returns the sine, and the cosine, of 2π · <paramref name="turn"/>, to 1.96 ulp for a turn in [0, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SinCosOfTurn<V>(V turn, out V cosine)
        where V : struct, IFloatLane<V>
    {
        V quarter = V.Round(turn * V.Of(4f));                              // 0 to 4
        V angle = V.MultiplyAdd(quarter, V.Of(-0.25f), turn) * V.Of(6.2831853072f); // exact difference; within ±π/4
        V s = SinCosNear(angle, out V c);
        // Quarters 1 and 3 swap the two; 1 and 2 negate the cosine, 2 and 3 the sine.
        V half = V.Of(0.5f);
        V oddness = half - V.Abs(V.Abs(quarter - V.Of(2f)) - V.Of(1f));    // positive for 1 and 3
        V sine = V.IfPositive(oddness, c, s);
        cosine = V.IfPositive(oddness, s, c);
        V centre = V.Of(1f) - V.Abs(quarter - V.Of(1.5f));                 // positive for 1 and 2
        cosine = V.IfPositive(centre, -cosine, cosine);
        V late = V.Of(1f) - V.Abs(quarter - V.Of(2.5f));                   // positive for 2 and 3
        return V.IfPositive(late, -sine, sine);
    }

    /// <summary>Clamps x to the range of exp, beyond which its results are 0 and infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V WithinExp<V>(V x)
        where V : struct, IFloatLane<V>
    {
        V lowest = V.Of(-104f), highest = V.Of(89f);
        return V.IfLess(x, lowest, lowest, V.IfLess(highest, x, highest, x)); // NaN passes through
    }

    /// <summary>eʳ · 2ⁿ for |r| up to ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpNear<V>(V r, V n)
        where V : struct, IFloatLane<V>
    {
        V p = V.Of(1.9875691500e-4f);
        p = V.MultiplyAdd(p, r, V.Of(1.3981999507e-3f));
        p = V.MultiplyAdd(p, r, V.Of(8.3334519073e-3f));
        p = V.MultiplyAdd(p, r, V.Of(4.1665795894e-2f));
        p = V.MultiplyAdd(p, r, V.Of(1.6666665459e-1f));
        p = V.MultiplyAdd(p, r, V.Of(5.0000001201e-1f));
        return V.Scale(V.MultiplyAdd(p, r * r, r) + V.Of(1f), n);
    }

    /// <summary><see cref="IFloatLane{V}.Split"/> for subnormal numbers too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SplitAny<V>(V x, out V n)
        where V : struct, IFloatLane<V>
    {
        V leastNormal = V.Of(1.17549435e-38f);
        V m = V.Split(V.IfLess(x, leastNormal, x * V.Of(8388608f), x), out V exponent); // subnormal: · 2^23 first
        n = V.IfLess(x, leastNormal, exponent - V.Of(23f), exponent);
        return m;
    }

    /// <summary>The sine and cosine of an angle within ±π/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SinCosNear<V>(V angle, out V cosine)
        where V : struct, IFloatLane<V>
    {
        V square = angle * angle;
        V s = V.MultiplyAdd(V.Of(-1.9515295891e-4f), square, V.Of(8.3321608736e-3f));
        s = V.MultiplyAdd(s, square, V.Of(-1.6666654611e-1f));
        s = V.MultiplyAdd(s * square, angle, angle);
        V c = V.MultiplyAdd(V.Of(2.443315711809948e-5f), square, V.Of(-1.388731625493765e-3f));
        c = V.MultiplyAdd(c, square, V.Of(4.166664568298827e-2f));
        cosine = V.MultiplyAdd(c, square * square, V.MultiplyAdd(square, V.Of(-0.5f), V.Of(1f)));
        return s;
    }
}
