using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// Functions of floats for kernels, ILGPU.Algorithms' names. Each is kernel C# over multiply-adds, so that every device gives the CPU's bits, and the CPU's
/// errors: those of <see cref="Transcendental"/>.
/// </summary>
public static class XMath
{
    /// <summary>eˣ</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => Transcendental.Exp(new Scalar(x)).Value;

    /// <summary>ln x</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x) => Transcendental.Log(new Scalar(x)).Value;

    /// <summary>tanh x</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x) => Transcendental.Tanh(new Scalar(x)).Value;

    /// <summary>sin x, of radians. NaN past 2²⁰.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sin(float x) => Transcendental.Sin(new Scalar(x)).Value;

    /// <summary>cos x, of radians. NaN past 2²⁰.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Cos(float x) => Transcendental.Cos(new Scalar(x)).Value;

    /// <summary>x to the power of y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Pow(float x, float y) => Transcendental.Pow(new Scalar(x), new Scalar(y)).Value;

    /// <summary>√x</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>1 / √x</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Rsqrt(float x) => 1f / MathF.Sqrt(x);

    /// <summary>|x|</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Abs(float x) => MathF.Abs(x);

    /// <summary>The lesser of both; the second where one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float a, float b) => a < b ? a : b;

    /// <summary>The greater of both; the second where one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => a > b ? a : b;

    /// <summary>The lesser of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Min(int a, int b) => a < b ? a : b;

    /// <summary>The greater of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Max(int a, int b) => a > b ? a : b;
}
