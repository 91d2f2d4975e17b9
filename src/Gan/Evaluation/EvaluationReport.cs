using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Reports an evaluation: a table on the screen, `evaluation.json`, and `neighbours.png`.</summary>
internal sealed class EvaluationReport
{
    private const string FileName = "evaluation.json", PictureName = "neighbours.png";

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

    /// <summary>The accuracy of the classifier on the test pictures.</summary>
    public required double Accuracy { get; init; }

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
        catch (Exception fault) when (AtomicFile.IsWriteError(fault))
        {
            throw AtomicFile.WriteError(json, fault);
        }
        JsonFile.Write(json, Write);
        ImageWriter.Write(picture, NearestPictures.Grid(Pictures, Real.Training, Result.Nearest));
        return (json, picture);
    }

    /// <summary>Shows the table.</summary>
    public void Say(Screen screen)
    {
        var table = new TextTable(screen, ("", -27), (Of, 18), ("real", 18), ("", -53));
        table.Header();
        foreach (var metric in QualityMetric.All)
        {
            var (generated, real) = (Result.Generated[metric], Result.Real[metric]);
            Row(metric.Name, metric.Show(generated), metric.Show(real), metric.Note);
            if (metric.HasFloor)
                FloorRow(metric.Show(Result.Part[metric]));
            if (generated.Classes is { } classes)
                ClassRows(classes, real.Classes!);
        }
        string unseen = $"{Plural.Of(Result.Real.Count, "training picture")} that the classifier hasn't seen";
        screen.Say($"All against {Real.Test.Count:N0} {TestDescription}. `real`: {unseen}.");

        void FloorRow(string value)
        {
            int first = Result.Part.Count, second = Result.TestCount;
            string name = first == second ? "  two halves of real ones" : "  two parts of real ones";
            Row(name, "", value, $"the floor: {first:N0} and {second:N0}, different by chance alone");
        }

        void ClassRows(ClassHistogram generated, ClassHistogram real)
        {
            for (int c = 0; c < Classifier.Classes; c++)
                Row($"class {c}", Share(generated, c), Share(real, c), $"{Share(Result.TestClasses, c)} of the test pictures");
        }

        void Row(string what, string generated, string real, string note) => table.Row(what, generated, real, note);
    }

    /// <summary>The kind of test pictures, in words.</summary>
    public string TestDescription => Real.TestSource == "test" ? "test pictures" : "pictures held out of the training set";

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
        json.WriteStartObject("classifier");
        json.WriteNumber("learnt_from", Real.ClassifierCount);
        json.WriteNumber("accuracy", Accuracy);
        json.WriteNumber("features", Classifier.Features);
        json.WriteEndObject();
        Write(json, "generated", Result.Generated);
        Write(json, "real", Result.Real);
        json.WriteStartObject("two_parts_of_real");
        WriteArray(json, "counts", [Result.Part.Count, Result.TestCount], json.WriteNumberValue);
        WriteValues(json, Result.Part);
        json.WriteEndObject();
        Result.TestClasses.Write(json, "test_classes");
        json.WriteStartArray("nearest_training_pictures");
        foreach (var nearest in Result.Nearest)
        {
            json.WriteStartObject();
            WriteArray(json, "numbers", nearest.Indices, json.WriteNumberValue);
            WriteArray(json, "rms_differences", nearest.Distances, json.WriteNumberValue);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, QualityValues values)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", values.Count);
        WriteValues(json, values);
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, QualityValues values)
    {
        foreach (var metric in QualityMetric.All.Where(values.Values.ContainsKey))
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
