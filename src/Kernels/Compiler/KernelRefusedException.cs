namespace GanFromScratch.Kernels.Compiler;

/// <summary>A kernel that the compiler doesn't take: the kernel, the construct, the source line where it is known, and what to use instead.</summary>
public sealed class KernelRefusedException(string message) : Exception(message)
{
    /// <summary>Whether the message names the kernel and the line; what is found out about a type alone gets them where the type is used.</summary>
    internal bool HasPlace { get; init; }
}
