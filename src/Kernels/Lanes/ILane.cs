namespace GanFromScratch.Kernels;

/// <summary>
/// The number type of a formula: one float, sixteen side by side, a double, or a number with its derivative. A formula written over a lane
/// runs as any of them.
/// </summary>
/// <remarks>
/// Every method of a lane and of a formula carries <c>AggressiveInlining</c>: without it a loop takes 1 to 7 times as long, whenever the
/// JIT decides not to inline.
/// </remarks>
/// <typeparam name="V">The lane itself.</typeparam>
public interface ILane<V>
    where V : struct, ILane<V>
{
    /// <summary>Returns a constant.</summary>
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

    /// <summary>Returns the second argument where <paramref name="x"/> &gt; 0, elsewhere (0 and NaN too) the third.</summary>
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
/// A lane of float32 that can be loaded, stored and split into its bits: loops on the processor run on it, and <see cref="Transcendental"/>
/// builds exp, log and tanh from it. Every such lane gives the same bits for the same element.
/// </summary>
/// <typeparam name="V">The lane itself.</typeparam>
public unsafe interface IFloatLane<V> : ILane<V>
    where V : struct, IFloatLane<V>
{
    /// <summary>The number of floats side by side.</summary>
    static abstract int Width { get; }

    /// <summary>Reads <see cref="Width"/> numbers, at any alignment.</summary>
    static abstract V Load(float* from);

    /// <summary>Writes <see cref="Width"/> numbers, at any alignment.</summary>
    static abstract void Store(float* to, V value);

    /// <summary>Returns the third argument where a &lt; b, elsewhere (NaN too) the fourth.</summary>
    static abstract V IfLess(V a, V b, V less, V otherwise);

    /// <summary>Whether no number is NaN or infinite.</summary>
    static abstract bool AllFinite(V x);

    /// <summary>Returns x, which is not negative, with the sign of <paramref name="sign"/>.</summary>
    static abstract V WithSign(V x, V sign);

    /// <summary>Returns the nearest whole number, ties to even.</summary>
    static abstract V Round(V x);

    /// <summary>Returns x · 2ⁿ for a whole n from -252 to 254, correct in the subnormal range and past the greatest float too.</summary>
    static abstract V Scale(V x, V n);

    /// <summary>Returns m, and n, of a normal positive x = m · 2ⁿ with m in [√½, √2).</summary>
    static abstract V Split(V x, out V n);
}
