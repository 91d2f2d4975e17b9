using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Tests;

/// <summary>
/// Rounding to TF32, ten bits after the point, in integers: to nearest with ties away from zero, as `cvt.rna.tf32.f32` is documented.
/// </summary>
internal static class Tf32
{
    public static float Round(float x) => float.IsNaN(x) ? x : Interop.IntAsFloat((Interop.FloatAsInt(x) + 0x1000u) & ~0x1FFFu);

    public static float[] Rounded(Tensor tensor) => [.. tensor.ToArray().Select(Round)];
}
