using System.Globalization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Runs;

namespace GanFromScratch.Gan.Commands;

/// <summary>The classes that a conditional generator is asked for, by label or by name.</summary>
internal static class ClassChoice
{
    private const string Several = "--classes";
    private const int MostStops = 1000; // of a walk

    /// <summary>Returns the labels that are asked for; null: none are.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="one">A label or a name.</param>
    /// <param name="several">Labels, such as `0-9`, or names.</param>
    /// <exception cref="GanException">Usage: both are given, there is no such class, or the generator has none.</exception>
    public static IReadOnlyList<int>? Of(SavedGenerator generator, string? one, string? several)
    {
        string option = several is null ? "--class" : Several;
        if (one is null && several is null)
            return null;
        if (one is not null && several is not null)
            throw new GanException(ExitCode.Usage, "--class and --classes both say what to draw. Leave one of them out.");
        RequireClasses(generator, option);
        if (one is not null)
            return [LabelOf(generator, "--class", one)];
        return [.. LabelsOf(generator, several!, generator.Classes).Distinct()];
    }

    /// <summary>Returns the classes that a walk leads through, one after another, by label or by name; null: none are asked for.</summary>
    /// <exception cref="GanException">Usage: there is no such class, or the generator has none.</exception>
    public static IReadOnlyList<int>? Walk(SavedGenerator generator, string? several)
    {
        if (several is null)
            return null;
        RequireClasses(generator, Several);
        return LabelsOf(generator, several, MostStops);
    }

    // by names, where all parts are some, or one is no number; otherwise as ranges of labels
    private static int[] LabelsOf(SavedGenerator generator, string several, int most)
    {
        string[] parts = several.Split(',', StringSplitOptions.TrimEntries);
        bool areNumbers = several.All(c => char.IsAsciiDigit(c) || c is ',' or '-' or ' ');
        bool areNames = generator.ClassNames is { } names && parts.All(part => names.Contains(part, StringComparer.OrdinalIgnoreCase));
        if (areNames || !areNumbers)
            return [.. parts.Select(name => LabelOf(generator, Several, name))];
        ulong[] labels = OptionValues.Seeds(Several, several, most);
        if (labels.Any(label => label >= (ulong)generator.Classes))
            throw Unknown(generator, Several, labels.Max().ToString(CultureInfo.InvariantCulture));
        return [.. labels.Select(label => (int)label)];
    }

    private static void RequireClasses(SavedGenerator generator, string option)
    {
        if (generator.Classes > 0)
            return;
        throw new GanException(
            ExitCode.Usage,
            $"{option}: {generator.Recipe.Name} draws pictures of no certain class. Train --recipe cgan or acgan for that, "
            + "or stable-conv with --conditional; or leave it out.");
    }

    private static int LabelOf(SavedGenerator generator, string option, string text)
    {
        for (int i = 0; i < generator.ClassNames?.Count; i++)
        {
            if (generator.ClassNames[i].Equals(text, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int label) && label < generator.Classes
            ? label
            : throw Unknown(generator, option, text);
    }

    private static GanException Unknown(SavedGenerator generator, string option, string text) => new(
        ExitCode.Usage,
        $"{option}: there is no class '{text}'. There are 0 to {generator.Classes - 1}"
        + $"{(generator.ClassNames is { } names ? $", {Plural.Some(names)}" : "")}.");
}
