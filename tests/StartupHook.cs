using GanFromScratch.Tests;

/// <summary>
/// Lets a test run part of this assembly in a process of its own, with other instruction sets, or beside the program: the runtime calls
/// <see cref="Initialize"/> of the assembly that `DOTNET_STARTUP_HOOKS` names, before any Main, so nothing of a test runner is needed
/// there. The name is the runtime's.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(MemoryLog.Variable) is { } log)
            MemoryLog.Start(log);
        if (Environment.GetEnvironmentVariable(WarmProgram.Variable) is not null)
            Environment.Exit(WarmProgram.Serve());
        if (Environment.GetEnvironmentVariable(ChildProcess.Variable) is { } work)
            Environment.Exit(ChildProcess.Do(work));
    }
}
