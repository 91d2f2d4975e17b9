using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Tests;

/// <summary>What this process computes with.</summary>
internal static class InstructionSets
{
    /// <summary>The category of tests that run again where AVX-512, and where AVX2 and FMA, are switched off.</summary>
    public const string EveryWidth = "EveryWidth";

    /// <summary>Whether a multiply-add rounds once.</summary>
    public static bool Fused => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>One line that says what the runtime uses, not what the machine could.</summary>
    public static string Line =>
        $"Vector512 {Vector512.IsHardwareAccelerated}, Vector256 {Vector256.IsHardwareAccelerated}, FMA {Fused}";

    /// <summary>a · b + c as the kernels of this process round it.</summary>
    public static float MultiplyAdd(float a, float b, float c) => Fused ? MathF.FusedMultiplyAdd(a, b, c) : (a * b) + c;
}
