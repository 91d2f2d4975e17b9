using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels;

/// <summary>
/// A lane of sixteen floats. One struct serves every machine: where registers are narrower the runtime splits it into halves or quarters,
/// at 1.1 to 1.3 times the time of a loop written for that width, with the same bits.
/// </summary>
/// <param name="Value">The numbers.</param>
public readonly record struct Simd(Vector512<float> Value) : IFloatLane<Simd>
{
    /// <inheritdoc cref="Width"/>
    public const int Lanes = 16;

    /// <inheritdoc/>
    public static int Width => Lanes;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Of(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd operator +(Simd a, Simd b) => new(a.Value + b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd operator -(Simd a, Simd b) => new(a.Value - b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd operator *(Simd a, Simd b) => new(a.Value * b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd operator /(Simd a, Simd b) => new(a.Value / b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd operator -(Simd a) => new(-a.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd MultiplyAdd(Simd a, Simd b, Simd c) => new(
        // The framework's own fallback for machines without FMA calls a library function sixteen times.
        Fma.IsSupported || AdvSimd.IsSupported
            ? Vector512.FusedMultiplyAdd(a.Value, b.Value, c.Value)
            : (a.Value * b.Value) + c.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd IfPositive(Simd x, Simd positive, Simd otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(x.Value, Vector512<float>.Zero), positive.Value, otherwise.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd IfLess(Simd a, Simd b, Simd less, Simd otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(a.Value, b.Value), less.Value, otherwise.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Abs(Simd x) => new(Vector512.Abs(x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Sqrt(Simd x) => new(Vector512.Sqrt(x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Exp(Simd x) => Transcendental.Exp(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Log(Simd x) => Transcendental.Log(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Log1P(Simd x) => Transcendental.Log1P(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Tanh(Simd x) => Transcendental.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Simd Load(float* from) => new(Vector512.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(float* to, Simd value) => Vector512.Store(value.Value, to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllFinite(Simd x) => Vector512.LessThanAll(Vector512.Abs(x.Value), Vector512.Create(float.PositiveInfinity));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd WithSign(Simd x, Simd sign) => new(x.Value | (sign.Value & Vector512.Create(-0f)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Round(Simd x) => new(Vector512.Round(x.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Scale(Simd x, Simd n)
    {
        var whole = Vector512.ConvertToInt32Native(n.Value); // a NaN makes any number here, and the product NaN again
        var half = whole >> 1;
        var bias = Vector512.Create(127);
        return new(x.Value * ((half + bias) << 23).AsSingle() * ((whole - half + bias) << 23).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd Split(Simd x, out Simd n)
    {
        var bits = x.Value.AsInt32();
        var exponent = (bits - Vector512.Create(Transcendental.RootHalfBits)) >> 23;
        n = new(Vector512.ConvertToSingle(exponent));
        return new((bits - (exponent << 23)).AsSingle());
    }

    /// <summary>Returns sixteen random words as numbers in [0, 1): their upper 24 bits times 2⁻²⁴, every one exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Simd Unit(uint* words) =>
        new(Vector512.ConvertToSingle((Vector512.Load(words) >> 8).AsInt32()) * Vector512.Create(1f / (1 << 24)));

    /// <summary>Returns the sum of all sixteen, always in the same order: halves are added until one number is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Simd x)
    {
        var eight = x.Value.GetLower() + x.Value.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }
}
