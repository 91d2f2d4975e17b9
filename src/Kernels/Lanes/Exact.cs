using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>A lane of one double with the framework's own functions: the reference for the float lanes and for the derivatives.</summary>
/// <param name="Value">The number.</param>
public readonly record struct Exact(double Value) : ILane<Exact>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact Of(float value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact operator +(Exact a, Exact b) => new(a.Value + b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact operator -(Exact a, Exact b) => new(a.Value - b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact operator *(Exact a, Exact b) => new(a.Value * b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact operator /(Exact a, Exact b) => new(a.Value / b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact operator -(Exact a) => new(-a.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact MultiplyAdd(Exact a, Exact b, Exact c) => new(Math.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact IfPositive(Exact x, Exact positive, Exact otherwise) => x.Value > 0 ? positive : otherwise;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact Abs(Exact x) => new(Math.Abs(x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact Sqrt(Exact x) => new(Math.Sqrt(x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact Exp(Exact x) => new(Math.Exp(x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact Log(Exact x) => new(Math.Log(x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact Log1P(Exact x)
    {
        double sum = 1 + x.Value, lost = x.Value - (sum - 1);
        return new(double.IsPositiveInfinity(sum) ? sum : Math.Log(sum) + (lost / sum));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Exact Tanh(Exact x) => new(Math.Tanh(x.Value));
}
