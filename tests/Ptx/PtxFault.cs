namespace GanFromScratch.Tests;

/// <summary>Something that a thread does and must not. The machine adds where it happened, and makes it a `CudaException`.</summary>
internal sealed class PtxFault(int code, string message) : Exception(message)
{
    public const int IllegalAddress = 700;
    public const int MisalignedAddress = 716;
    public const int LaunchFailed = 719;

    public int Code { get; } = code;
}

/// <summary>A text that is no PTX, or PTX that is not interpreted.</summary>
internal sealed class PtxTextException(int line, string message) : Exception($"line {line}: {message}")
{
    public int Line { get; } = line;
}
