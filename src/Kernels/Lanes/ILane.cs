namespace GanFromScratch.Kernels;

/// <summary>
/// What a formula computes with: one number, sixteen side by side, a double, or a number with its derivative. A formula written over a lane
/// runs as any of them.
/// </summary>
/// <remarks>
/// Every method of a lane and of a formula carries <c>AggressiveInlining</c>: without it a lane loop takes 1 to 7 times as long, at the runtime's mood.
/// </remarks>
/// <typeparam name="V">The lane itself.</typeparam>
public interface ILane<V>
    where V : struct, ILane<V>
{
    /// <summary>A constant.</summary>
    static abstract V Of(float value);

    /// <summary>a + b</summary>
    static abstract V operator +(V a, V b);

    /// <summary>a - b</summary>
    static abstract V operator -(V a, V b);

    /// <summary>a · b</summary>
    static abstract V operator *(V a, V b);

    /// <summary>a / b</summary>
    static abstract V operator /(V a, V b);

    /// <summary>-a</summary>
    static abstract V operator -(V a);

    /// <summary>a · b + c, rounded once where the machine can.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>Picks by sign: where <paramref name="x"/> &gt; 0 the second argument, elsewhere (0 and NaN too) the third.</summary>
    static abstract V IfPositive(V x, V positive, V otherwise);

    /// <summary>|x|</summary>
    static abstract V Abs(V x);

    /// <summary>√x</summary>
    static abstract V Sqrt(V x);

    /// <summary>eˣ</summary>
    static abstract V Exp(V x);

    /// <summary>ln x</summary>
    static abstract V Log(V x);

    /// <summary>ln(1 + x), without the loss of digits near 0.</summary>
    static abstract V Log1P(V x);

    /// <summary>tanh x</summary>
    static abstract V Tanh(V x);
}

/// <summary>
/// A lane of float32 that can be loaded, stored and taken apart into its bits: what a CPU loop runs on, and what exp, log and tanh are built
/// from (<see cref="Transcendental"/>). Every such lane gives the same bits for the same element.
/// </summary>
/// <typeparam name="V">The lane itself.</typeparam>
public unsafe interface IFloatLane<V> : ILane<V>
    where V : struct, IFloatLane<V>
{
    /// <summary>How many numbers lie side by side.</summary>
    static abstract int Width { get; }

    /// <summary>Reads <see cref="Width"/> numbers, at any alignment.</summary>
    static abstract V Load(float* from);

    /// <summary>Writes <see cref="Width"/> numbers, at any alignment.</summary>
    static abstract void Store(float* to, V value);

    /// <summary>Where a &lt; b the third argument, elsewhere (NaN too) the fourth.</summary>
    static abstract V IfLess(V a, V b, V less, V otherwise);

    /// <summary>Whether no number is NaN or infinite.</summary>
    static abstract bool AllFinite(V x);

    /// <summary>x with the sign of <paramref name="sign"/>; x is not negative.</summary>
    static abstract V WithSign(V x, V sign);

    /// <summary>The nearest whole number, ties to even.</summary>
    static abstract V Round(V x);

    /// <summary>x · 2ⁿ for a whole n from -252 to 254, right in the subnormal range and past the greatest float too.</summary>
    static abstract V Scale(V x, V n);

    /// <summary>For a normal positive x = m · 2ⁿ with m in [√½, √2): m, and n.</summary>
    static abstract V Split(V x, out V n);
}
