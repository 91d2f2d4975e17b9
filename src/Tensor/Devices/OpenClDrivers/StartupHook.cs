using GanFromScratch.Tensors;

/// <summary>
/// Turns a child process into one that loads OpenCL drivers and nothing more: the runtime calls <see cref="Initialize"/> of the assembly
/// that `DOTNET_STARTUP_HOOKS` names before any Main. In every other process it does nothing. The runtime requires the name.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (OpenClProbe.IsChild)
            OpenClProbe.LoadAndExit();
    }
}
