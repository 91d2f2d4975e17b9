using System.Runtime.CompilerServices;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>What becomes of a product's finished sums on a device, while they are in registers.</summary>
internal interface IDeviceEpilogue
{
    /// <summary>Whether the chains begin with what is in the result, not with 0.</summary>
    static abstract bool Continues { get; }

    /// <summary>What is stored for a sum, at a place of the result and in a column of it.</summary>
    float Of(float sum, int at, int column);
}

/// <summary>y = a·b</summary>
internal readonly record struct StoreEpilogue : IDeviceEpilogue
{
    public static bool Continues => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column) => sum;
}

/// <summary>y += a·b, each chain going on from what is there.</summary>
internal readonly record struct AccumulateEpilogue : IDeviceEpilogue
{
    public static bool Continues => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column) => sum;
}

/// <summary>y = f(a·b)</summary>
internal readonly record struct ActivationEpilogue<F>(F Activation) : IDeviceEpilogue
    where F : struct, IActivation
{
    public static bool Continues => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column) => Activation.Forward(new Scalar(sum)).Value;
}

/// <summary>y = f(a·b + bias)</summary>
internal readonly record struct BiasEpilogue<F>(F Activation, ArrayView<float> Bias) : IDeviceEpilogue
    where F : struct, IActivation
{
    public static bool Continues => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column) => Activation.Forward(new Scalar(sum + Bias[column])).Value;
}

/// <summary>y = f'(activated)·(a·b), where activated is what the activation put out.</summary>
internal readonly record struct SlopeEpilogue<F>(F Activation, ArrayView<float> Activated) : IDeviceEpilogue
    where F : struct, IActivation
{
    public static bool Continues => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float sum, int at, int column)
    {
        var activated = new Scalar(Activated[at]);
        return Activation.Backward(activated, activated, new Scalar(sum)).Value;
    }
}
