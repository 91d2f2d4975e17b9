using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// A value with its derivative. A formula run on it differentiates itself: <c>Dual&lt;Exact&gt;</c> proves each hand-written derivative,
/// and a hand-written derivative run on <c>Dual&lt;Simd&gt;</c> is the second one, which gradient penalties need.
/// </summary>
/// <param name="Value">The value.</param>
/// <param name="Derivative">Its derivative with respect to whatever was seeded with 1.</param>
/// <typeparam name="V">The lane of both.</typeparam>
public readonly record struct Dual<V>(V Value, V Derivative) : ILane<Dual<V>>
    where V : struct, ILane<V>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> Of(float value) => new(V.Of(value), V.Of(0f));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> operator +(Dual<V> a, Dual<V> b) => new(a.Value + b.Value, a.Derivative + b.Derivative);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> operator -(Dual<V> a, Dual<V> b) => new(a.Value - b.Value, a.Derivative - b.Derivative);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> operator *(Dual<V> a, Dual<V> b) =>
        new(a.Value * b.Value, V.MultiplyAdd(a.Derivative, b.Value, a.Value * b.Derivative));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> operator /(Dual<V> a, Dual<V> b)
    {
        V quotient = a.Value / b.Value;
        return new(quotient, (a.Derivative - quotient * b.Derivative) / b.Value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> operator -(Dual<V> a) => new(-a.Value, -a.Derivative);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> MultiplyAdd(Dual<V> a, Dual<V> b, Dual<V> c) => new(
        V.MultiplyAdd(a.Value, b.Value, c.Value),
        V.MultiplyAdd(a.Derivative, b.Value, V.MultiplyAdd(a.Value, b.Derivative, c.Derivative)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> IfPositive(Dual<V> x, Dual<V> positive, Dual<V> otherwise) => new(
        V.IfPositive(x.Value, positive.Value, otherwise.Value),
        V.IfPositive(x.Value, positive.Derivative, otherwise.Derivative));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> Abs(Dual<V> x) => new(V.Abs(x.Value), V.IfPositive(x.Value, x.Derivative, -x.Derivative));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> Sqrt(Dual<V> x)
    {
        V root = V.Sqrt(x.Value);
        return new(root, x.Derivative / (root + root));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> Exp(Dual<V> x)
    {
        V y = V.Exp(x.Value);
        return new(y, x.Derivative * y);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> Log(Dual<V> x) => new(V.Log(x.Value), x.Derivative / x.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> Log1P(Dual<V> x) => new(V.Log1P(x.Value), x.Derivative / (V.Of(1f) + x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<V> Tanh(Dual<V> x)
    {
        V y = V.Tanh(x.Value);
        return new(y, x.Derivative * (V.Of(1f) - y * y));
    }
}
