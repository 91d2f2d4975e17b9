namespace GanFromScratch.Gan.Files;

/// <summary>The version of the program.</summary>
internal static class ProgramVersion
{
    /// <summary>Such as `0.1.0`.</summary>
    public static string Text => typeof(ProgramVersion).Assembly.GetName().Version!.ToString(3);
}
