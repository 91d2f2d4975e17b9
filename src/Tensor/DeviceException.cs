namespace GanFromScratch.Tensors;

/// <summary>A device that is missing, or failed: one or two plain sentences that say what, where, why, and what to do.</summary>
public sealed class DeviceException(string message, Exception? inner = null) : Exception(message, inner);
