using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// What a product on an accelerator does with finished sums, in registers. The processor's counterpart is <see cref="IEpilogue"/>.
/// </summary>
internal interface IDeviceEpilogue
{
    /// <summary>Gets whether each chain of multiply-adds starts at the result's present value, not at 0.</summary>
    static abstract bool Accumulates { get; }

    /// <summary>Returns the row of the result that a row of the product is stored in.</summary>
    int RowOf(int row);

    /// <summary>Returns what is stored for a sum, at an offset of the result and in one of its columns.</summary>
    float Of(float sum, int at, int column);
}

/// <summary>y = a·b</summary>
internal readonly record struct DeviceStore : IDeviceEpilogue
{
    public static bool Accumulates => false;

    public int RowOf(int row) => row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column) => sum;
}

/// <summary>y += a·b: each chain starts at the element's present value.</summary>
internal readonly record struct DeviceAccumulate : IDeviceEpilogue
{
    public static bool Accumulates => true;

    public int RowOf(int row) => row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column) => sum;
}

/// <summary>y = f(a·b + bias)</summary>
internal readonly record struct DeviceBias<F>(F Activation, ArrayView<float> Bias) : IDeviceEpilogue
    where F : struct, IActivation
{
    public static bool Accumulates => false;

    public int RowOf(int row) => row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column) => Activation.Forward(new Scalar(sum + Bias[column])).Value;
}

/// <summary>dz = f'(y)·(a·b), where y is an activation's output.</summary>
internal readonly record struct DeviceSlope<F>(F Activation, ArrayView<float> Activated) : IDeviceEpilogue
    where F : struct, IActivation
{
    public static bool Accumulates => false;

    public int RowOf(int row) => row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column)
    {
        var activated = new Scalar(Activated[at]);
        return Activation.Backward(activated, activated, new Scalar(sum)).Value;
    }
}
