using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Reports an evaluation: a table on the screen, `evaluation.json`, and `neighbours.png`.</summary>
internal sealed class EvaluationReport
{
    /// <summary>The file with all values, in a run's folder.</summary>
    public const string FileName = "evaluation.json";

    private const string PictureName = "neighbours.png";
    private const double MostErrors = 0.2;
    private const int Steady = 1000;
    private const int MostClassRows = 20, ClassRows = 10;
    private const int LongestName = 20;

    /// <summary>The recipe of the generator, or `given` for pictures of a file.</summary>
    public required string Of { get; init; }

    /// <summary>The file of the generator or of the pictures.</summary>
    public required string From { get; init; }

    /// <summary>The seed of noise and of random subsets.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The device of the evaluation.</summary>
    public required string Device { get; init; }

    /// <summary>The generated pictures.</summary>
    public required ImageBytes Pictures { get; init; }

    /// <summary>The data set.</summary>
    public required ReferenceSet Real { get; init; }

    /// <summary>The accuracy of the classifier on the test pictures; null where pixels are compared.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>The features that were compared.</summary>
    public required IFeatureExtractor Extractor { get; init; }

    /// <summary>The values of all metrics.</summary>
    public required EvaluationResult Result { get; init; }

    /// <summary>Writes both files, and replaces earlier ones.</summary>
    /// <returns>Their paths.</returns>
    /// <exception cref="GanException">Writing: a file can't be written.</exception>
    public (string Json, string Picture) Write(string folder)
    {
        string json = Path.Combine(folder, FileName), picture = Path.Combine(folder, PictureName);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (FileFault.IsOne(fault))
        {
            throw AtomicFile.WriteError(json, fault);
        }
        JsonFile.Write(json, Write);
        ImageWriter.Write(picture, NearestPictures.Grid(Pictures, Real.Seen, Result.Nearest));
        return (json, picture);
    }

    /// <summary>Shows what pictures were compared by, and the table.</summary>
    public void Say(Screen screen)
    {
        screen.Say(FeaturesLine());
        screen.Say();
        var table = new TextTable(screen, ("", -27), (Of, 18), ("real", 18), ("", -53));
        table.Header();
        foreach (var metric in QualityMetric.Of(Real.Features, Result.AreAskedFor))
        {
            var (generated, real) = (Result.Generated[metric], Result.Real[metric]);
            Row(metric.Name, metric.Show(generated), metric.Show(real), metric.Note);
            if (metric.HasFloor)
                FloorRow(metric.Show(Result.Part[metric]));
            if (generated.Classes is { } classes)
                SayClasses(classes, real.Classes!, Result.TestClasses!);
        }
        string unseen = $"{Plural.Of(Result.Real.Count, "training picture")} that the {LearnerName} hasn't seen";
        string seen = Real.TestSource == "test" ? "" : ", which a generator may have been trained on";
        screen.Say($"All against {Real.Test.Count:N0} {TestName}{seen}. `real`: {unseen}.");
        int least = Math.Min(Pictures.Count, Math.Min(Result.Real.Count, Result.TestCount));
        if (least < Steady)
            screen.Say($"Few pictures make all figures rough: these come from {least:N0}, and {Steady:N0} would make them steadier.");

        void FloorRow(string value)
        {
            int first = Result.Part.Count, second = Result.TestCount;
            string name = first == second ? "  two halves of real ones" : "  two parts of real ones";
            Row(name, "", value, $"the floor: {first:N0} and {second:N0}, different by chance alone");
        }

        void SayClasses(ClassHistogram generated, ClassHistogram real, ClassHistogram test)
        {
            int[] shown = ClassesToShow(generated, test);
            foreach (int c in shown)
                Row($"class {NameOf(c)}", Share(generated, c), Share(real, c), $"{Share(test, c)} of the test pictures");
            if (shown.Length < Real.Classes.Count)
                Row($"{Real.Classes.Count - shown.Length} more classes", "", "", "differ less; they are in evaluation.json");
        }

        void Row(string what, string generated, string real, string note) => table.Row(what, generated, real, note);
    }

    // wrong more often than one time in five, or than half as often as who always names the commonest class
    private bool IsPoor => 1 - Accuracy > Math.Min(MostErrors, (1 - CommonestShare) / 2);

    private double CommonestShare => Real.TestLabels.ToArray().CountBy(label => label).Max(pair => pair.Value) / (double)Real.Test.Count;

    private string LearnerName => Extractor is Classifier ? "classifier" : "PCA";

    private string TestName => Real.TestSource == "test" ? "test pictures" : "held-out pictures";

    private bool IsReduced => SmallPictures.Shape(Real.Test.Shape) != Real.Test.Shape;

    private string FeaturesLine() => IsReduced
        ? $"{LearntFeatures()}; all pictures are compared at {SmallPictures.Shape(Real.Test.Shape)}"
        : LearntFeatures();

    private string LearntFeatures() => Extractor switch
    {
        PixelPca pca => $"features    {Plural.Of(pca.Width, "principal component")} of the pixels, with {100 * pca.ShareOfVariance:0} % of "
            + $"the variance of {pca.SampleCount:N0} training pictures: shapes and colours, hardly anything fine",
        _ when IsPoor => $"classifier  a poor judge: right for {100 * Accuracy:0} % of the {TestName}; its figures say little about looks",
        _ => $"classifier  accuracy {100 * Accuracy:0.00} % on the {TestName}",
    };

    // all, or of many those whose shares are the farthest from the test pictures'
    private static int[] ClassesToShow(ClassHistogram generated, ClassHistogram test)
    {
        var all = Enumerable.Range(0, test.Counts.Count);
        return test.Counts.Count <= MostClassRows
            ? [.. all]
            : [.. all.OrderByDescending(c => Math.Abs(generated.Share(c) - test.Share(c))).Take(ClassRows).Order()];
    }

    private string NameOf(int c)
    {
        string name = Plural.Printable(Real.Classes[c]);
        return name.Length <= LongestName ? name : $"{string.Concat(name.EnumerateRunes().Take(LongestName - 3))}...";
    }

    private static string Share(ClassHistogram histogram, int c) => $"{100 * histogram.Share(c):0.0} %";

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("pictures");
        json.WriteString("of", Of);
        json.WriteString("from", From);
        json.WriteNumber("count", Pictures.Count);
        json.WriteNumber("seed", Seed);
        json.WriteEndObject();
        json.WriteStartObject("dataset");
        json.WriteString("name", Real.Name);
        json.WriteString("where", Real.Where);
        json.WriteNumber("training", Real.Training.Count);
        json.WriteNumber("held_against", Real.Test.Count);
        json.WriteString("which_are", Real.TestSource);
        json.WriteEndObject();
        json.WriteString("device", Device);
        WriteFeatures(json);
        Write(json, "generated", Result.Generated);
        Write(json, "real", Result.Real);
        json.WriteStartObject("two_parts_of_real");
        WriteArray(json, "counts", [Result.Part.Count, Result.TestCount], json.WriteNumberValue);
        WriteValues(json, Result.Part);
        json.WriteEndObject();
        Result.TestClasses?.Write(json, "test_classes");
        json.WriteStartArray("nearest_training_pictures");
        foreach (var nearest in Result.Nearest)
        {
            json.WriteStartObject();
            WriteArray(json, "numbers", nearest.Indices.Select(Real.NumberOf), json.WriteNumberValue);
            WriteArray(json, "rms_differences", nearest.Distances, json.WriteNumberValue);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteFeatures(Utf8JsonWriter json)
    {
        if (IsReduced)
            json.WriteString("compared_at", $"{SmallPictures.Shape(Real.Test.Shape)}");
        if (Extractor is PixelPca pca)
        {
            json.WriteString("features", "pca_of_pixels");
            json.WriteStartObject("pca");
            json.WriteNumber("learnt_from", pca.SampleCount);
            json.WriteNumber("components", pca.Width);
            json.WriteNumber("share_of_variance", pca.ShareOfVariance);
            json.WriteEndObject();
            return;
        }
        json.WriteString("features", "classifier");
        json.WriteStartObject("classifier");
        json.WriteNumber("learnt_from", Real.LearntCount);
        json.WriteNumber("accuracy", Accuracy!.Value);
        json.WriteBoolean("poor_judge", IsPoor);
        json.WriteNumber("features", Extractor.Width);
        json.WriteEndObject();
        WriteArray(json, "classes", Real.Classes, json.WriteStringValue);
    }

    private void Write(Utf8JsonWriter json, string name, QualityValues values)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", values.Count);
        WriteValues(json, values);
        json.WriteEndObject();
    }

    private void WriteValues(Utf8JsonWriter json, QualityValues values)
    {
        foreach (var metric in QualityMetric.Of(Real.Features, Result.AreAskedFor).Where(values.Values.ContainsKey))
            metric.Write(json, values[metric]);
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            write(value);
        json.WriteEndArray();
    }
}
