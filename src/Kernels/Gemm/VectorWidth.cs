using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels;

/// <summary>
/// A vector register of the machine's own width, of which a tile consists. Elsewhere <see cref="Simd"/> serves every width; a tile of
/// sixteen lanes would spill from registers of eight.
/// </summary>
internal unsafe interface IVector<V>
    where V : struct, IVector<V>
{
    static abstract int Width { get; }

    static abstract V Zero { get; }

    static abstract V Of(float value);

    static abstract V Load(float* from);

    static abstract void Store(float* to, V value);

    static abstract V Add(V a, V b);

    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>
    /// sum += a·b, rounded once. In place with 512 bits, because the JIT copies an assigned result first; with fewer registers in place
    /// spills.
    /// </summary>
    static abstract void AddProduct(ref V sum, V a, V b);
}

internal unsafe struct Wide512(Vector512<float> value) : IVector<Wide512>
{
    public Vector512<float> Value = value;

    public static int Width => 16;

    public static Wide512 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512 Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Wide512 value) => Vector512.Store(value.Value, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512 Add(Wide512 a, Wide512 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512 MultiplyAdd(Wide512 a, Wide512 b, Wide512 c) => new(Vector512.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Wide512 sum, Wide512 a, Wide512 b) =>
        sum.Value = Vector512.FusedMultiplyAdd(a.Value, b.Value, sum.Value);
}

internal unsafe struct Wide256(Vector256<float> value) : IVector<Wide256>
{
    public Vector256<float> Value = value;

    public static int Width => 8;

    public static Wide256 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Wide256 value) => Vector256.Store(value.Value, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256 Add(Wide256 a, Wide256 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256 MultiplyAdd(Wide256 a, Wide256 b, Wide256 c) => new(
        Fma.IsSupported ? Fma.MultiplyAdd(a.Value, b.Value, c.Value) : (a.Value * b.Value) + c.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Wide256 sum, Wide256 a, Wide256 b) =>
        sum = MultiplyAdd(a, b, sum);
}

internal unsafe struct Wide128(Vector128<float> value) : IVector<Wide128>
{
    public Vector128<float> Value = value;

    public static int Width => 4;

    public static Wide128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128 Of(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128 Load(float* from) => new(Vector128.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Wide128 value) => Vector128.Store(value.Value, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128 Add(Wide128 a, Wide128 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128 MultiplyAdd(Wide128 a, Wide128 b, Wide128 c) => new(
        AdvSimd.IsSupported || Fma.IsSupported ? Vector128.FusedMultiplyAdd(a.Value, b.Value, c.Value) : (a.Value * b.Value) + c.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Wide128 sum, Wide128 a, Wide128 b) =>
        sum = MultiplyAdd(a, b, sum);
}
