/** Written by scripts/generate-proto.mjs from Spark Connect 4.3. */
export const TYPES = `
message DataType { kind(null 1 DataType.NULL, binary 2 DataType.Binary, boolean 3 DataType.Boolean,
  byte 4 DataType.Byte, short 5 DataType.Short, integer 6 DataType.Integer, long 7 DataType.Long,
  float 8 DataType.Float, double 9 DataType.Double, decimal 10 DataType.Decimal,
  string 11 DataType.String, char 12 DataType.Char, var_char 13 DataType.VarChar, date 14 DataType.Date,
  timestamp 15 DataType.Timestamp, timestamp_ntz 16 DataType.TimestampNTZ,
  calendar_interval 17 DataType.CalendarInterval, year_month_interval 18 DataType.YearMonthInterval,
  day_time_interval 19 DataType.DayTimeInterval, array 20 DataType.Array, struct 21 DataType.Struct,
  map 22 DataType.Map, variant 25 DataType.Variant, udt 23 DataType.UDT,
  geometry 26 DataType.Geometry @4.1, geography 27 DataType.Geography @4.1,
  unparsed 24 DataType.Unparsed, time 28 DataType.Time @4.1,
  timestamp_ntz_nanos 29 DataType.TimestampNTZNanos @4.3,
  timestamp_ltz_nanos 30 DataType.TimestampLTZNanos @4.3)
  message Boolean { type_variation_reference 1 uint32 }
  message Byte { type_variation_reference 1 uint32 }
  message Short { type_variation_reference 1 uint32 }
  message Integer { type_variation_reference 1 uint32 }
  message Long { type_variation_reference 1 uint32 }
  message Float { type_variation_reference 1 uint32 }
  message Double { type_variation_reference 1 uint32 }
  message String { type_variation_reference 1 uint32, collation 2 string }
  message Binary { type_variation_reference 1 uint32 }
  message NULL { type_variation_reference 1 uint32 }
  message Timestamp { type_variation_reference 1 uint32 }
  message Date { type_variation_reference 1 uint32 }
  message TimestampNTZ { type_variation_reference 1 uint32 }
  message Time { precision 1 int32? @4.1, type_variation_reference 2 uint32 @4.1 }
  message TimestampNTZNanos { precision 1 int32? @4.3, type_variation_reference 2 uint32 @4.3 }
  message TimestampLTZNanos { precision 1 int32? @4.3, type_variation_reference 2 uint32 @4.3 }
  message CalendarInterval { type_variation_reference 1 uint32 }
  message YearMonthInterval { start_field 1 int32?, end_field 2 int32?,
    type_variation_reference 3 uint32 }
  message DayTimeInterval { start_field 1 int32?, end_field 2 int32?, type_variation_reference 3 uint32 }
  message Char { length 1 int32, type_variation_reference 2 uint32 }
  message VarChar { length 1 int32, type_variation_reference 2 uint32 }
  message Decimal { scale 1 int32?, precision 2 int32?, type_variation_reference 3 uint32 }
  message StructField { name 1 string, data_type 2 DataType, nullable 3 bool, metadata 4 string? }
  message Struct { fields 1 DataType.StructField*, type_variation_reference 2 uint32 }
  message Array { element_type 1 DataType, contains_null 2 bool, type_variation_reference 3 uint32 }
  message Map { key_type 1 DataType, value_type 2 DataType, value_contains_null 3 bool,
    type_variation_reference 4 uint32 }
  message Geometry { srid 1 int32 @4.1, type_variation_reference 2 uint32 @4.1 }
  message Geography { srid 1 int32 @4.1, type_variation_reference 2 uint32 @4.1 }
  message Variant { type_variation_reference 1 uint32 }
  message UDT { type 1 string, jvm_class 2 string?, python_class 3 string?,
    serialized_python_class 4 string?, sql_type 5 DataType? }
  message Unparsed { data_type_string 1 string }
}
`;
