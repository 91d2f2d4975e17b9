using System.Reflection;
using GanFromScratch.Kernels.Compiler;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>A kernel as text, with what its arguments are.</summary>
/// <param name="Name">The kernel's name in the text.</param>
/// <param name="Text">OpenCL C or PTX.</param>
/// <param name="Parameters">The scalars that the text takes, in order, each with its place among the bytes of all arguments.</param>
internal sealed record CompiledKernel(string Name, string Text, Parameter[] Parameters);

/// <summary>From a kernel, a static C# method, to text for a device. The same kernel gives the same text, always.</summary>
public static class KernelCompiler
{
    private static readonly int Debug = DeviceSettings.OfThisProcess().DebugLevel;

    /// <summary>The text of a kernel for groups of so many threads.</summary>
    /// <exception cref="KernelRefusedException">The kernel uses what a kernel can't; the message says what, where, and what to use instead.</exception>
    public static string Text(MethodInfo kernel, int groupSize, ProgramTarget target) => Compile(kernel, groupSize, target).Text;

    internal static CompiledKernel Compile(MethodInfo kernel, int groupSize, ProgramTarget target)
    {
        var function = Translator.Translate(kernel, groupSize);
        if (Debug >= 3)
            Console.Error.WriteLine(function);
        string text = target is PtxTarget ptx ? PtxWriter.Write(function, ptx) : OpenClWriter.Write(function);
        if (Debug >= 4)
            Console.Error.WriteLine(text);
        return new CompiledKernel(function.Name, text, [.. function.LiveParameters.Select(live => live.Parameter)]);
    }
}
